import { within } from './waiting.js'

/** What a clause works with: it makes things, and the bench puts them away, in the reverse order. */
export abstract class Bench {
  readonly #cleanups: (() => unknown)[] = []

  /** Calls `cleanup` when the clause is over, whatever its outcome. */
  defer(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup)
  }

  /** Puts everything away; what fails or hangs here is no fault of the subject. */
  async close(): Promise<void> {
    for (const cleanup of this.#cleanups.reverse()) {
      await within(2_000, 'clean-up', async () => cleanup()).catch(() => undefined)
    }
  }
}
