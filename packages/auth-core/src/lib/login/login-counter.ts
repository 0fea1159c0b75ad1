import type { LoginConnection } from './connection.js'

/** More nodes than any cluster has; beyond it the endpoint that has waited longest is forgotten. */
export const maxEndpoints = 10_000

/** Counts logins for each `ip:port`: all that succeeded, in bounded memory, and those whose connection is open. */
export class LoginCounter {
  readonly #successes = new Map<string, number>()
  /** By the reader of the sslOptions that the connection was made with, so that clients are told apart. */
  readonly #open = new WeakMap<object, Map<string, number>>()

  add(endpoint: string, connection: LoginConnection | undefined): void {
    const count = this.successes(endpoint) + 1
    // Deleted first, so that the order of the map is that of the last success.
    this.#successes.delete(endpoint)
    this.#successes.set(endpoint, count)
    if (this.#successes.size > maxEndpoints) {
      const [oldest] = this.#successes.keys()
      if (oldest !== undefined) this.#successes.delete(oldest)
    }
    if (connection) this.#follow(endpoint, connection)
  }

  successes(endpoint: string): number {
    return this.#successes.get(endpoint) ?? 0
  }

  open(endpoint: string, reader: object): number {
    return this.#open.get(reader)?.get(endpoint) ?? 0
  }

  #follow(endpoint: string, connection: LoginConnection): void {
    const { reader } = connection
    const open = this.#open.get(reader) ?? new Map<string, number>()
    this.#open.set(reader, open.set(endpoint, (open.get(endpoint) ?? 0) + 1))
    connection.onClose(() => {
      const left = (open.get(endpoint) ?? 0) - 1
      if (left > 0) open.set(endpoint, left)
      else open.delete(endpoint)
    })
  }
}
