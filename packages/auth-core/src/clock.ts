/** A pending timer; `ref` and `unref` say whether it keeps the process alive. */
export interface Timer {
  ref(): void
  unref(): void
  cancel(): void
}

/** Where time comes from, so that a test can control it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds since some moment: for durations, because nobody sets this clock. Default: `now`; then a change of that clock counts as time. */
  monotonic?(): number
  /** Calls `action` once, `delayMs` from now. */
  schedule(delayMs: number, action: () => void): Timer
}

/** The longest delay that a timer of Node.js can have; a longer one would fire at once. */
export const maxDelayMs = 2 ** 31 - 1

/** The time of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  // Whole, as `now` is: events and messages show durations.
  monotonic: () => Math.floor(performance.now()),
  schedule(delayMs, action) {
    const timeout = setTimeout(action, delayMs)
    return {
      ref: () => void timeout.ref(),
      unref: () => void timeout.unref(),
      cancel: () => clearTimeout(timeout),
    }
  },
}

/** The difference of two of these is a duration, also if the clock was set in between. */
export function ticks(clock: Clock): number {
  return clock.monotonic?.() ?? clock.now()
}
