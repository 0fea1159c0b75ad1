import type { X509Certificate } from 'node:crypto'

/**
 * The facts that a server side knows about a connection. There is one object per connection; facts are added as the
 * connection goes on.
 */
export interface ConnectionInfo {
  /** Serial number of the connection, from 1, over all nodes of the server. */
  readonly id: number
  /** Address of the node that accepted it, as given in `addresses`. */
  readonly address: string
  /** Port of the server. */
  readonly port: number
  /** Address and port that the client connected from. */
  readonly remoteAddress: string
  readonly remotePort: number
  /** Version of the client's first frame; 0 before it. */
  readonly protocolVersion: number
  /** The options of the client's STARTUP (DRIVER_NAME, APPLICATION_NAME …); empty before STARTUP. */
  readonly startupOptions: Readonly<Record<string, string>>
  /** Undefined on a plain connection. */
  readonly tls?: TlsInfo
}

/** The TLS side of a connection. */
export interface TlsInfo {
  /** Whether the client sent a certificate from the server's `ca`. */
  readonly authorized: boolean
  /** The reason if not, by OpenSSL's name (`SELF_SIGNED_CERT_IN_CHAIN`); undefined if authorized. */
  readonly authorizationError?: string
  /** The certificate of the client; undefined if it sent none. */
  readonly peerCertificate?: X509Certificate
  /** `TLSv1.3`, `TLSv1.2` … */
  readonly protocol: string
  /** Name that the client asked for (SNI). */
  readonly servername?: string
  /** The certificate that the server showed. */
  readonly ownCertificate?: X509Certificate
  /** Exports keying material of this connection (RFC 8446 §7.5). */
  exportKeyingMaterial?(length: number, label: string): Buffer
}

/** A server side's answer to one client message. */
export type Reply =
  | {
      /** Sent as AUTH_CHALLENGE; null is the token of length -1, an empty array the token of length 0. */
      challenge: Uint8Array | null
    }
  | {
      /** Sent as AUTH_SUCCESS: the login is complete. */
      success: Uint8Array | null
      /** The user who has logged in, as `server.logins` shows it. */
      username: string
    }
  | {
      /** Message of the ERROR that refuses the login. */
      failure: string
      /** Default 0x0100, Authentication error. */
      code?: number
    }

/** One login on one connection. */
export interface ServerExchange {
  /** Answers the next AUTH_RESPONSE; null is the token of length -1. A thrown value becomes ERROR 0x0000. */
  respond(token: Uint8Array | null): Reply | Promise<Reply>
  /** Answers CREDENTIALS of protocol v1. Without it such clients are refused. A `success` is sent as READY. */
  credentials?(credentials: ReadonlyMap<string, string>): Reply | Promise<Reply>
}

/** The server side of a way to log in. Pass your own to `startTestServer({ authenticator })`. */
export interface ServerAuthenticator {
  /** The class name that is sent in AUTHENTICATE. If it is undefined, READY is sent at once, without a login. */
  readonly name: string | undefined
  /**
   * Decides at STARTUP, without a login, as Cassandra 6 does with a client certificate. A success is sent as READY, a
   * failure as ERROR. If it returns undefined or is missing, `name` decides.
   */
  early?(connection: ConnectionInfo): Reply | undefined
  /** Further entries of SUPPORTED, the answer to OPTIONS. */
  readonly supported?: Readonly<Record<string, readonly string[]>>
  /** Chooses the authenticator of this connection from the client's STARTUP. Without it, this one is used. */
  negotiate?(connection: ConnectionInfo): ServerAuthenticator
  /** Called when the first message of a login arrives. */
  newExchange(connection: ConnectionInfo): ServerExchange
}

/** Cassandra's AllowAllAuthenticator: sends READY directly after STARTUP, and asks for no login. */
export function allowAllAuthenticator(): ServerAuthenticator {
  return {
    name: undefined,
    newExchange: () => ({ respond: () => ({ success: null, username: 'anonymous' }) }),
  }
}
