import type { ChannelBindingType, SuccessToken } from '../../mechanism.js'

/** What a login hears of its connection; called before the driver is handed what says so. */
export interface LoginListener {
  /** The server answered with an ERROR; `code` is undefined where it could not be read. */
  refused(code: number | undefined, message: string): void
  /** The connection ended. `known`: the driver has been told, by the socket's error. */
  lost(known: boolean): void
}

/** The record that a profile of @x/tls-profiles keeps of a connection, as far as a login needs it. */
export interface LoginConnection {
  /** The `onread` of the sslOptions that it was made with. */
  readonly reader: object
  /** The token of AUTH_SUCCESS, while the driver is handed it: undefined where it was not seen. */
  readonly successToken: SuccessToken
  claim(endpoint: string, listener: LoginListener): boolean
  onClose(closed: () => void): void
  /** Null where the connection has no binding of this type. */
  channelBinding(type: ChannelBindingType): Uint8Array | null
}

/** Where a record stands while the driver is handed a chunk of its connection: see docs/decisions/connection-record.md. */
const deliveryKey = Symbol.for('@x/tls:connection')
const shared = globalThis as { [deliveryKey]?: { readonly current: LoginConnection | undefined } }

/**
 * The connection on which a server has just asked for a login: the driver calls `newAuthenticator` synchronously, so it
 * is the one that is being handed over now. Undefined without such a profile; a connection is taken once.
 */
export function claimConnection(endpoint: string, listener: LoginListener): LoginConnection | undefined {
  const connection = shared[deliveryKey]?.current
  return connection?.claim(endpoint, listener) ? connection : undefined
}
