import type { ConnectionInfo } from './authenticator.js'

/** The events that `server.waitFor` can wait for, and their data. */
export interface ServerEvents {
  /** A client has connected (and, with TLS, finished its handshake). */
  connection: { connection: ConnectionInfo }
  /** A TLS handshake failed, or a client left in the middle of it. */
  tlsError: { address: string; code: string; message: string }
  /** STARTUP arrived. */
  startup: { connection: ConnectionInfo }
  /** AUTH_RESPONSE or CREDENTIALS arrived. `length` is that of its token, null for a null token. */
  authResponse: { connection: ConnectionInfo; round: number; length: number | null }
  /** A login succeeded and the client has the answer. */
  login: { connection: ConnectionInfo; username: string }
  /** A login was answered with ERROR. A protocol version that is not supported does not count as a login. */
  refused: { connection: ConnectionInfo; code: number; message: string }
  /** A fault has struck. */
  fault: { connection: ConnectionInfo; fault: string; point: string; round: number }
  /** QUERY, PREPARE or EXECUTE arrived. */
  query: { connection: ConnectionInfo; cql: string }
  /** A connection has closed; `open` is the number of those that are left. */
  close: { connection: ConnectionInfo; open: number }
}

export type ServerEventName = keyof ServerEvents

interface Waiter {
  name: ServerEventName
  accepts(event: unknown): boolean
  resolve(event: unknown): void
  reject(error: unknown): void
}

/** Promises of later events, each with a time limit. */
export class EventHub {
  readonly #waiters = new Set<Waiter>()

  emit<N extends ServerEventName>(name: N, event: ServerEvents[N]): void {
    for (const waiter of [...this.#waiters]) {
      if (waiter.name !== name) continue
      try {
        if (waiter.accepts(event)) waiter.resolve(event)
      } catch (error) {
        // An error in the test's predicate goes to the test that waits.
        waiter.reject(error)
      }
    }
  }

  /** The next event of that name that the predicate accepts; rejects after `timeoutMs`. */
  wait<N extends ServerEventName>(
    name: N,
    accepts: (event: ServerEvents[N]) => boolean,
    timeoutMs: number,
  ): Promise<ServerEvents[N]> {
    const promise = new Promise<ServerEvents[N]>((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
        finish()
      }
      const waiter: Waiter = {
        name,
        accepts: (event) => accepts(event as ServerEvents[N]),
        resolve: (event) => settle(() => resolve(event as ServerEvents[N])),
        reject: (error) => settle(() => reject(error)),
      }
      const timer = setTimeout(
        () => waiter.reject(new Error(`No '${name}' on the test server within ${timeoutMs} ms`)),
        timeoutMs,
      )
      this.#waiters.add(waiter)
    })
    // A test may give up a wait. That must not end the process as an unhandled rejection; anyone who awaits it still
    // gets the error.
    promise.catch(() => {})
    return promise
  }

  /** Rejects all waits. */
  close(): void {
    for (const waiter of [...this.#waiters]) {
      waiter.reject(new Error(`The test server was stopped while a test waited for '${waiter.name}'`))
    }
  }
}
