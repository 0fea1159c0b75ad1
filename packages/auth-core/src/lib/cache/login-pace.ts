/** At least this many successes are remembered, and at most twice as many: so a server that has become quick again is noticed. */
const generation = 100

/** Each wrong doubt doubles the patience, up to four times. */
const maxVain = 2

/** How long logins take, from the first message to the success: a cache learns it from those that succeeded. */
export class LoginPace {
  #slowestMs: number | undefined
  #slowestBeforeMs: number | undefined
  #count = 0
  #vain = 0

  success(durationMs: number): void {
    this.#vain = 0
    // A clock without `monotonic` that was set back: the time is not known.
    if (durationMs < 0) return
    this.#slowestMs = Math.max(this.#slowestMs ?? 0, durationMs)
    if (++this.#count < generation) return
    this.#slowestBeforeMs = this.#slowestMs
    this.#slowestMs = undefined
    this.#count = 0
  }

  /** A login counted as refused, and the source has nothing new. */
  doubtedInVain(): void {
    this.#vain = Math.min(this.#vain + 1, maxVain)
  }

  /** The longest of the latest ones; undefined before the first success. */
  get slowestMs(): number | undefined {
    if (this.#slowestMs === undefined || this.#slowestBeforeMs === undefined) {
      return this.#slowestMs ?? this.#slowestBeforeMs
    }
    return Math.max(this.#slowestMs, this.#slowestBeforeMs)
  }

  /**
   * From which age a login without success is in doubt, if its server is tried again after a pause. That is what
   * happens after a refusal, since the driver waits before it tries again.
   */
  afterPauseMs(minMs: number): number {
    return Math.max(minMs, 2 * (this.slowestMs ?? 0)) * 2 ** this.#vain
  }

  /**
   * The same if logins follow one another without a pause, as many logins do while the server is slow. Before the first
   * success there is nothing to compare with.
   */
  inRushMs(minMs: number): number {
    const { slowestMs } = this
    return slowestMs === undefined
      ? Number.POSITIVE_INFINITY
      : 4 * Math.max(minMs, slowestMs) * 2 ** this.#vain
  }
}
