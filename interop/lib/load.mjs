/** Queries that run one after another, in a few lanes, until they are stopped. */
import cassandra from 'cassandra-driver'

const lanes = 4

export class Load {
  succeeded = 0
  /** @type {string[]} */
  failed = []
  #running = true

  /** @param {cassandra.Client} client */
  constructor(client) {
    for (let lane = 0; lane < lanes; lane++) void this.#run(client)
  }

  stop() {
    this.#running = false
  }

  /** @param {cassandra.Client} client */
  async #run(client) {
    // Idempotent, so that the driver itself tries another node when one ends with the query in flight.
    const options = { isIdempotent: true, consistency: cassandra.types.consistencies.localOne }
    while (this.#running) {
      try {
        await client.execute('SELECT release_version FROM system.local', [], options)
        this.succeeded++
      } catch (error) {
        if (this.#running) this.failed.push(String(error))
      }
      // A pause of a turn and 5 ms: load, not a flood, beside three servers on two cores.
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}
