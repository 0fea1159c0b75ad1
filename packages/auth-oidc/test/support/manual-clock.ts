import type { Clock, Timer } from '@x/auth-core'

/** A clock that stands still until the test moves it. Timers fire in the order of their time. */
export class ManualClock implements Clock {
  #now: number
  readonly #pending = new Set<{ readonly at: number; readonly action: () => void }>()

  constructor(now = Date.now()) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  schedule(delayMs: number, action: () => void): Timer {
    const pending = { at: this.#now + delayMs, action }
    this.#pending.add(pending)
    const cancel = () => void this.#pending.delete(pending)
    return { ref: () => undefined, unref: () => undefined, cancel }
  }

  /** When the next timer fires. */
  get next(): number {
    return Math.min(...[...this.#pending].map(({ at }) => at))
  }

  pass(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const [due] = [...this.#pending].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)
      if (!due) break
      this.#now = Math.max(this.#now, due.at)
      this.#pending.delete(due)
      due.action()
    }
    this.#now = until
  }
}
