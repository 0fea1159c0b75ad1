import type { Clock, Timer } from '@x/auth-core'

/** A clock that stands still until the test moves it. */
export class ManualClock implements Clock {
  #now: number
  readonly #pending = new Set<{ at: number; action: () => void }>()

  constructor(now = Date.now()) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  schedule(delayMs: number, action: () => void): Timer {
    const pending = { at: this.#now + delayMs, action }
    this.#pending.add(pending)
    return { ref() {}, unref() {}, cancel: () => void this.#pending.delete(pending) }
  }

  /** Moves the time on, firing what is due in order. */
  advance(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const next = [...this.#pending].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#pending.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.action()
    }
    this.#now = until
  }

  get pending(): number {
    return this.#pending.size
  }
}
