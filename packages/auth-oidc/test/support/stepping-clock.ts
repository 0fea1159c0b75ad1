import type { Clock, Timer } from '@x/auth-core'

/** A clock whose time passes only in a pause: the pause ends at once, and the clock has moved forward by its length. */
export class SteppingClock implements Clock {
  readonly pauses: number[] = []
  readonly #bounds: readonly number[]
  #now: number

  /** `bounds`: delays of timers that must not fire, because they are the time-outs of what a test does in real time. */
  constructor(bounds: readonly number[] = [3_000], now = Date.now()) {
    this.#bounds = bounds
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  pass(ms: number): void {
    this.#now += ms
  }

  schedule(delayMs: number, action: () => void): Timer {
    const held = { ref: () => undefined, unref: () => undefined, cancel: () => undefined }
    if (this.#bounds.includes(delayMs)) return held
    this.pauses.push(delayMs)
    const immediate = setImmediate(() => {
      this.#now += delayMs
      action()
    })
    return { ...held, cancel: () => clearImmediate(immediate) }
  }
}
