import { abortable } from '../../abortable.js'
import type { Clock, Timer } from '../../clock.js'
import { type AuthError, authError } from '../../errors.js'
import { sourceError } from '../login/source-error.js'

export interface SharedFetchOptions<T> {
  readonly ask: (signal: AbortSignal) => Promise<T>
  /** Both are called before any waiting login learns the outcome. */
  readonly accept: (value: T) => void
  readonly reject: (error: AuthError) => void
  readonly clock: Clock
  readonly timeoutMs: number
}

/**
 * One question to a source on behalf of any number of logins. Its signal is its own: when a login gives up, the others
 * go on waiting; when the last one gives up, the question is stopped.
 */
export class SharedFetch<T> {
  readonly #abort = new AbortController()
  readonly #timer: Timer
  #kept = false
  readonly #result: Promise<T>
  #waiting = 0
  #settled = false
  #abandoned = false

  constructor({ ask, accept, reject, clock, timeoutMs }: SharedFetchOptions<T>) {
    this.#timer = clock.schedule(timeoutMs, () => {
      this.#abort.abort(
        authError(
          'SOURCE_TIMEOUT',
          `The credential source did not answer within ${timeoutMs} ms (fetchTimeoutMs).`,
        ),
      )
    })
    // It keeps the process alive only while somebody waits: see `join`.
    this.#timer.unref()
    const settle = () => {
      this.#settled = true
      this.#timer.cancel()
    }
    this.#result = abortable(ask(this.#abort.signal), this.#abort.signal).then(
      (value) => {
        settle()
        accept(value)
        return value
      },
      (reason) => {
        settle()
        const error = sourceError(reason)
        reject(error)
        throw error
      },
    )
    this.#result.catch(() => undefined)
  }

  /** Whether somebody may still join. */
  get open(): boolean {
    return !this.#settled && !this.#abort.signal.aborted
  }

  /** Stopped because nobody waited any more: neither a success nor a failure of the source. */
  get abandoned(): boolean {
    return this.#abandoned
  }

  get waiting(): number {
    return this.#waiting
  }

  /** Lets it go on if nobody waits for it. */
  keep(): void {
    this.#kept = true
  }

  /**
   * Waits for the outcome, no longer than `signal` allows; the process stays alive until then, even if the source has
   * nothing that keeps it alive.
   */
  async join(signal: AbortSignal): Promise<T> {
    this.#waiting++
    if (!this.#settled) this.#timer.ref()
    try {
      return await abortable(this.#result, signal)
    } finally {
      // Nobody who waits to the end leaves early, so the count at the end is the count of all.
      if (!this.#settled) this.#leave()
    }
  }

  #leave(): void {
    this.#waiting--
    if (this.#waiting === 0) this.#timer.unref()
    if (this.#waiting > 0 || this.#kept || !this.open) return
    this.#abandoned = true
    this.#abort.abort(authError('SOURCE_TIMEOUT', 'Nobody waits for the credentials any more.'))
  }
}
