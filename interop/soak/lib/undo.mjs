/** What has been begun, and how each of it ends: also when a later step of the beginning fails. */

export class Undo {
  /** @type {(() => unknown)[]} */
  #steps = []

  /** @param {() => unknown} step that ends what has just begun */
  add(step) {
    this.#steps.push(step)
  }

  /** Ends all of it, the last first. One that fails keeps nothing else from its end; all failures are thrown together. */
  async all() {
    /** @type {unknown[]} */
    const errors = []
    for (const step of this.#steps.splice(0).reverse()) {
      try {
        await step()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, `not ended: ${errors.join('; ')}`)
  }

  /**
   * Does the beginning. If it fails, what it has begun ends before its error is thrown.
   * @template T @param {(undo: Undo) => Promise<T>} begin @returns {Promise<T>}
   */
  static async ifItFails(begin) {
    const undo = new Undo()
    try {
      return await begin(undo)
    } catch (error) {
      await undo.all().catch((/** @type {Error} */ { message }) => console.error(message))
      throw error
    }
  }
}
