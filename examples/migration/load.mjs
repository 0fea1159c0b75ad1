/** Runs queries one after another until it is stopped, to see what an application would notice. */
import { setTimeout as delay } from 'node:timers/promises'

export class Load {
  succeeded = 0
  /** @type {string[]} */
  failed = []
  #client
  #running = true
  #done
  /** @type {Promise<void> | undefined} */
  #query

  /** @param {import('cassandra-driver').Client} client */
  constructor(client) {
    this.#client = client
    this.#done = this.#run()
  }

  /**
   * Later queries use another client; queries that have begun continue with the old one.
   *
   * @param {import('cassandra-driver').Client} client
   */
  use(client) {
    this.#client = client
  }

  /** Resolves when every query that has begun has ended. */
  async finished() {
    await this.#query
  }

  async stop() {
    this.#running = false
    await this.#done
  }

  async #run() {
    while (this.#running) {
      this.#query = this.#ask(this.#client)
      await this.#query
      await delay(2)
    }
  }

  /** @param {import('cassandra-driver').Client} client */
  async #ask(client) {
    try {
      // Idempotent: if a node stops while it has the query, the driver tries another node.
      await client.execute('SELECT release_version FROM system.local', [], { isIdempotent: true })
      this.succeeded++
    } catch (error) {
      this.failed.push(String(error))
    }
  }
}
