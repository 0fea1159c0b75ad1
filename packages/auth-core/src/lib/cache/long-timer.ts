import { type Clock, maxDelayMs, type Timer } from '../../clock.js'

/** One timer that can be set again, for any delay. It does not keep the process alive. */
export class LongTimer {
  readonly #clock: Clock
  #timer: Timer | undefined
  #at: number | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** When it will fire, or fired if nobody has set or cancelled it since; in milliseconds since the epoch. */
  get at(): number | undefined {
    return this.#at
  }

  set(delayMs: number, action: () => void): void {
    this.#at = this.#clock.now() + delayMs
    this.#step(delayMs, action)
  }

  cancel(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#at = undefined
  }

  /** Counts delays and does not read the clock, which may be set back meanwhile. */
  #step(delayMs: number, action: () => void): void {
    const step = Math.min(delayMs, maxDelayMs)
    this.#timer?.cancel()
    this.#timer = this.#clock.schedule(step, () => {
      this.#timer = undefined
      if (step < delayMs) this.#step(delayMs - step, action)
      else action()
    })
    this.#timer.unref()
  }
}
