import { abortable } from '../../abortable.js'
import type { Clock } from '../../clock.js'
import type { AuthError } from '../../errors.js'

export interface Pause {
  readonly clock: Clock
  readonly delayMs: number
  readonly signal: AbortSignal
  /** For a caller that has its own timer, which keeps the process alive until its deadline. Default false. */
  readonly unref?: boolean | undefined
}

/** Errors: the reason of `signal`. */
export async function pause({ clock, delayMs, signal, unref = false }: Pause): Promise<void> {
  let cancel = () => {}
  const over = new Promise<void>((resolve) => {
    const timer = clock.schedule(delayMs, resolve)
    if (unref) timer.unref()
    cancel = () => timer.cancel()
  })
  await abortable(over, signal).finally(cancel)
}

export interface Timeout {
  readonly clock: Clock
  readonly timeoutMs: number
  /** The error of the work when the time is over. */
  readonly error: () => AuthError
  /** The signal of the one who waits; none for work that goes on for others. */
  readonly signal?: AbortSignal | undefined
  /** As in a pause. Default false. */
  readonly unref?: boolean | undefined
}

/** Work with its own time limit. Errors: those of the work, `error`, and the reason of `signal`. */
export async function withTimeout<T>(
  { clock, timeoutMs, error, signal, unref = false }: Timeout,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController()
  const timer = clock.schedule(timeoutMs, () => abort.abort(error()))
  if (unref) timer.unref()
  const either = signal ? AbortSignal.any([signal, abort.signal]) : abort.signal
  try {
    return await abortable(work(either), either)
  } finally {
    timer.cancel()
  }
}
