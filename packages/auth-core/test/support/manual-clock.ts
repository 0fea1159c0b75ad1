import type { Clock, Timer } from '../../src/clock.js'

interface Pending {
  readonly at: number
  readonly action: () => void
  keepsAlive: boolean
}

/** A clock that stands still until the test moves it. Timers fire in order of their time. */
export class ManualClock implements Clock {
  #now: number
  readonly #pending = new Set<Pending>()

  constructor(now = Date.parse('2026-01-01T00:00:00Z')) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  schedule(delayMs: number, action: () => void): Timer {
    const pending: Pending = { at: this.#now + delayMs, action, keepsAlive: true }
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
    const until = this.#now + ms
    for (let next = this.#due(until); next; next = this.#due(until)) {
      this.#now = Math.max(this.#now, next.at)
      this.#pending.delete(next)
      next.action()
    }
    this.#now = until
  }

  /** Sets the clock as an operator or NTP does: no timer fires because of it. */
  jump(ms: number): void {
    this.#now += ms
  }

  /** Timers not yet fired or cancelled. */
  get pending(): number {
    return this.#pending.size
  }

  /** Those of them that keep the process alive. */
  get keepingAlive(): number {
    return [...this.#pending].filter(({ keepsAlive }) => keepsAlive).length
  }

  #due(until: number): Pending | undefined {
    return [...this.#pending].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
  }
}
