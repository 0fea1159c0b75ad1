import type { ChannelBindingType, SuccessToken } from '../../mechanism.js'

/** What a login learns from its connection; called before the driver gets the same message. */
export interface LoginListener {
  /** The server answered with an ERROR; `code` is undefined if it could not be read. */
  refused(code: number | undefined, message: string): void
  /** The connection ended. `known`: the driver knows, by the socket's error. */
  lost(known: boolean): void
}

/** The record that a profile of @x/tls-profiles keeps of a connection, as far as a login needs it. */
export interface LoginConnection {
  /** The `onread` of the sslOptions that it was made with. */
  readonly reader: object
  /** The token of AUTH_SUCCESS, while the driver gets it; undefined if it was not seen. */
  readonly successToken: SuccessToken
  claim(endpoint: string, listener: LoginListener): boolean
  onClose(closed: () => void): void
  /** Null if the connection has no binding of this type. */
  channelBinding(type: ChannelBindingType): Uint8Array | null
}

/** Where a record is while the driver gets a chunk of its connection: see docs/decisions/connection-record.md. */
const deliveryKey = Symbol.for('@x/tls:connection')
const shared = globalThis as { [deliveryKey]?: { readonly current: LoginConnection | undefined } }

/**
 * The connection on which a server has just asked for a login: the driver calls `newAuthenticator` synchronously, so it
 * is the one whose chunk the driver gets now. Undefined without such a profile; a connection is taken once.
 */
export function claimConnection(endpoint: string, listener: LoginListener): LoginConnection | undefined {
  const connection = shared[deliveryKey]?.current
  return connection?.claim(endpoint, listener) ? connection : undefined
}
