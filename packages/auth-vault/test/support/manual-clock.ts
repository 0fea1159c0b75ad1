import type { Clock, Timer } from '@x/auth-core'

interface Pending {
  readonly at: number
  readonly action: () => void
  keepsAlive: boolean
}

/** A clock that stands still until the test moves it. Timers fire in order of their time. */
export class ManualClock implements Clock {
  #elapsed = 0
  readonly #startedAt: number
  readonly #pending = new Set<Pending>()

  constructor(now = Date.parse('2026-01-01T00:00:00Z')) {
    this.#startedAt = now
  }

  now(): number {
    return this.#startedAt + this.#elapsed
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

  /** Moves the time forward and fires the timers that are due. */
  advance(ms: number): void {
    const until = this.#elapsed + ms
    for (let next = this.#due(until); next; next = this.#due(until)) {
      this.#elapsed = Math.max(this.#elapsed, next.at)
      this.#pending.delete(next)
      next.action()
    }
    this.#elapsed = until
  }

  /** The time until the next timer fires, in milliseconds. */
  get nextIn(): number {
    return Math.min(...[...this.#pending].map(({ at }) => at - this.#elapsed))
  }

  /** Timers not yet fired or cancelled. */
  get pending(): number {
    return this.#pending.size
  }

  /** How many of them keep the process alive. */
  get keepingAlive(): number {
    return [...this.#pending].filter(({ keepsAlive }) => keepsAlive).length
  }

  #due(until: number): Pending | undefined {
    return [...this.#pending].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
  }
}
