import type { Clock, Timer } from '../../src/clock.js'

interface Pending {
  readonly at: number
  readonly action: () => void
  keepsAlive: boolean
}

/** A clock that stands still until the test moves it. Timers fire in order of their time. */
export class ManualClock implements Clock {
  /** Timers count on this, as Node's do; `now` is what the wall clock says of it. */
  #elapsed = 0
  #wallOffset: number
  readonly #pending = new Set<Pending>()

  constructor(now = Date.parse('2026-01-01T00:00:00Z')) {
    this.#wallOffset = now
  }

  now(): number {
    return this.#wallOffset + this.#elapsed
  }

  monotonic(): number {
    return this.#elapsed
  }

  schedule(delayMs: number, action: () => void): Timer {
    const pending: Pending = { at: this.#elapsed + delayMs, action, keepsAlive: true }
    this.#pending.add(pending)
    return {
      ref: () => {
        pending.keepsAlive = true
      },
      unref: () => {
        pending.keepsAlive = false
      },
      cancel: () => {
        this.#pending.delete(pending)
      },
    }
  }

  /** Moves the time on and fires what is due. */
  advance(ms: number): void {
    const until = this.#elapsed + ms
    for (let next = this.#due(until); next; next = this.#due(until)) {
      this.#elapsed = Math.max(this.#elapsed, next.at)
      this.#pending.delete(next)
      next.action()
    }
    this.#elapsed = until
  }

  /** Sets the clock as an operator or NTP does: no timer fires because of it. */
  jump(ms: number): void {
    this.#wallOffset += ms
  }

  /** Timers not yet fired or cancelled. */
  get pending(): number {
    return this.#pending.size
  }

  /** Those of them that keep the process alive. */
  get keepingAlive(): number {
    return [...this.#pending].filter(({ keepsAlive }) => keepsAlive).length
  }

  /** How long until the next timer is due; undefined without one. */
  get nextIn(): number | undefined {
    const next = this.#due(Number.POSITIVE_INFINITY)
    return next && next.at - this.#elapsed
  }

  #due(until: number): Pending | undefined {
    return [...this.#pending].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
  }
}
