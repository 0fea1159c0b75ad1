/** Why a session that was held is not offered any more. */
export type SessionDropped =
  /** The server made a full handshake instead: it has lost or changed its key, or no longer accepts the ticket. */
  | 'declined'
  /** Too old, or a certificate that it stands on has ended. */
  | 'expired'
  /** CAs, certificate, key or revocation lists have changed. */
  | 'material'
  /** The certificate that was verified would no longer pass: `hostname` names another. */
  | 'identity'
  /** The login on a resumed connection did not succeed. */
  | 'login'
  /** It came back on a connection to another server, which was ended. */
  | 'misplaced'
  /** Sessions of servers that were connected to later took its place. */
  | 'crowded'
  /** No connection that it was offered on was answered for a second: the server may break them off because of it. */
  | 'unanswered'

/** The counts of TLS sessions since the profile was made. Connections are counted once the server has sent something. */
export interface SessionStatus {
  /** How many sessions are held now. */
  readonly held: number
  /** Connections that resumed a session. */
  readonly resumed: number
  /** Connections with a full handshake. */
  readonly full: number
  readonly dropped: Readonly<Record<SessionDropped, number>>
}
