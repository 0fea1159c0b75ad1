/** Records how to end each step that has begun, also if a later step fails. */

export class Undo {
  /** @type {(() => unknown)[]} */
  #steps = []

  /** @param {() => unknown} step that ends what has just begun */
  add(step) {
    this.#steps.push(step)
  }

  /** Ends all steps, the last first. If one fails, the others still end; all failures are thrown together. */
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
   * Runs `begin`. If it fails, the steps that have begun end before its error is thrown.
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
