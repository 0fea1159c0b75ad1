import type { Clock } from '@x/auth-core'
import { abortable } from '@x/auth-core/base'
import { oidcError } from '../errors.js'

/**
 * One request, until its own bound or that of whoever waits for it. Errors: those of the work, OIDC_TIMEOUT, and the reason of
 * `signal`.
 */
export async function withTimeout<T>(
  { clock, timeoutMs, what }: { clock: Clock; timeoutMs: number; what: string },
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController()
  const timer = clock.schedule(timeoutMs, () =>
    abort.abort(oidcError('OIDC_TIMEOUT', `${what} did not answer within ${timeoutMs} ms.`)),
  )
  const both = AbortSignal.any([signal, abort.signal])
  try {
    return await abortable(work(both), both)
  } finally {
    timer.cancel()
  }
}

/** Errors: the reason of `signal`. */
export async function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = withResolvers()
  const timer = clock.schedule(delayMs, resolve)
  try {
    await abortable(promise, signal)
  } finally {
    timer.cancel()
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
