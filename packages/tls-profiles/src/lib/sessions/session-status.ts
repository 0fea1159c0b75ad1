/** Why a session that was held is no longer offered. */
export type SessionDropped =
  /** The server made a full handshake instead: it has lost or changed its key, or no longer accepts the ticket. */
  | 'declined'
  /** It is too old, or a certificate that it depends on has expired. */
  | 'expired'
  /** CAs, certificate, key or revocation lists have changed. */
  | 'material'
  /** The certificate that was verified would no longer pass: `hostname` now expects another name. */
  | 'identity'
  /** The login on a resumed connection did not succeed. */
  | 'login'
  /** It came back on a connection to another server, which was ended. */
  | 'misplaced'
  /** Sessions of later connections to other servers needed its place. */
  | 'crowded'
  /** A second after it was offered, the server had not answered. The session may be the reason. */
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
