import type { ConnectionInfo } from '../authenticator.js'
import type { MechanismFactory } from '../dse-authenticator.js'
import { type AskAgainOptions, oneMessage } from './anonymous.js'
import { type ActingOptions, actingAs, refused } from './sasl-authenticator.js'

/** Options of `externalServer`. */
export interface ExternalServerOptions extends ActingOptions, AskAgainOptions {
  /** Who the client is, by what is known of its connection. Default: the CN of a verified client certificate. */
  identify?: (connection: ConnectionInfo) => string | undefined
}

/** EXTERNAL (RFC 4422 appendix A): the identity comes from the connection, the message may name a role to act as. */
export function externalServer(options: ExternalServerOptions = {}): MechanismFactory {
  const { identify = commonName, mayActAs, asksAgain = false } = options
  return (connection) =>
    oneMessage(asksAgain, (role) => {
      const identity = identify(connection)
      if (identity === undefined) return refused('The client has no certificate that names it')
      const username = actingAs(identity, role, mayActAs)
      return username === undefined
        ? refused('Not authorized to act as this role')
        : { success: null, username }
    })
}

function commonName({ tls }: ConnectionInfo): string | undefined {
  if (!tls?.authorized) return undefined
  const line = tls.peerCertificate?.subject.split('\n').find((part) => part.startsWith('CN='))
  return line?.slice(3)
}
