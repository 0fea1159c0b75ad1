import type { Clock, Timer } from '@x/auth-core'
import { turns } from './waiting.js'

interface Pending {
  readonly at: number
  readonly action: () => void
}

/** A clock that stands still until it is moved. It is a Clock of @x/auth-core, for sources that take one. */
export class VirtualClock implements Clock {
  /** Timers use this time; `now` is the time of the wall clock. */
  #elapsed = 0
  #wall: number
  readonly #pending = new Set<Pending>()
  #used = false

  constructor(now = Date.now()) {
    this.#wall = now
  }

  now(): number {
    return this.#wall + this.#elapsed
  }

  monotonic(): number {
    return this.#elapsed
  }

  schedule(delayMs: number, action: () => void): Timer {
    const pending: Pending = { at: this.#elapsed + Math.max(delayMs, 0), action }
    this.#pending.add(pending)
    this.#used = true
    return { ref() {}, unref() {}, cancel: () => void this.#pending.delete(pending) }
  }

  get pending(): number {
    return this.#pending.size
  }

  /** Whether a timer was ever set. */
  get used(): boolean {
    return this.#used
  }

  /** Moves the time forward. Timers fire in their order, and what they start can run in between. */
  async advance(ms: number): Promise<void> {
    const until = this.#elapsed + ms
    for (let next = this.#due(until); next; next = this.#due(until)) {
      this.#elapsed = Math.max(this.#elapsed, next.at)
      this.#pending.delete(next)
      next.action()
      await turns()
    }
    this.#elapsed = until
    await turns()
  }

  /** Sets the wall clock, as after a sleep of the machine: no timer fires because of it. */
  jump(ms: number): void {
    this.#wall += ms
  }

  #due(until: number): Pending | undefined {
    return [...this.#pending].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
  }
}
