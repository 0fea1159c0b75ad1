/** Runs queries one after another, in a few lanes, until it is stopped. */
import cassandra from 'cassandra-driver'

export class Load {
  succeeded = 0
  /** @type {string[]} */
  failed = []
  #running = true
  #client
  #pauseMs
  #describe
  /** @type {Map<number, Promise<unknown>>} the query of each lane */
  #pending = new Map()

  /**
   * @param {cassandra.Client} client
   * @param {{ lanes?: number, pauseMs?: number, describe?: (error: unknown) => string }} [options] `describe`: the text of an error in `failed`;
   *   `pauseMs`: the pause in each lane after each query. 5 is a moderate load for two cores that also run three servers
   */
  constructor(client, { lanes = 4, pauseMs = 5, describe = String } = {}) {
    this.#client = client
    this.#pauseMs = pauseMs
    this.#describe = describe
    for (let lane = 0; lane < lanes; lane++) void this.#run(lane)
  }

  stop() {
    this.#running = false
  }

  /** The number of queries since the last call. */
  takeSucceeded() {
    const { succeeded } = this
    this.succeeded = 0
    return succeeded
  }

  /** Resolves when the running queries have ended. */
  async settled() {
    await Promise.allSettled(this.#pending.values())
  }

  /**
   * Later queries use another client. Resolves when the queries of the former client have ended.
   *
   * @param {cassandra.Client} client
   */
  async use(client) {
    this.#client = client
    await this.settled()
  }

  /** @param {number} lane */
  async #run(lane) {
    // Idempotent, so that the driver tries another node if a node stops while it has the query.
    const options = { isIdempotent: true, consistency: cassandra.types.consistencies.localOne }
    while (this.#running) {
      try {
        const query = this.#client.execute('SELECT release_version FROM system.local', [], options)
        this.#pending.set(lane, query)
        await query
        this.succeeded++
      } catch (error) {
        if (this.#running) this.failed.push(this.#describe(error))
      }
      await new Promise((resolve) => setTimeout(resolve, this.#pauseMs))
    }
  }
}
