/** Queries that run one after another, in a few lanes, until they are stopped. */
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
   * @param {{ lanes?: number, pauseMs?: number, describe?: (error: unknown) => string }} [options] `describe`: an error of `failed`; `pauseMs`: in each lane after each query. 5: load, not a flood, beside three
   *   servers on two cores
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

  /** How many there were since the last call. */
  takeSucceeded() {
    const { succeeded } = this
    this.succeeded = 0
    return succeeded
  }

  /** Resolves when the queries that are on their way have ended. */
  async settled() {
    await Promise.allSettled(this.#pending.values())
  }

  /** Later queries go by another client. Resolves when those of the former one have ended. @param {cassandra.Client} client */
  async use(client) {
    this.#client = client
    await this.settled()
  }

  /** @param {number} lane */
  async #run(lane) {
    // Idempotent, so that the driver itself tries another node when one ends with the query in flight.
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
