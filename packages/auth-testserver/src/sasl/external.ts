import type { ConnectionInfo } from '../authenticator.js'
import type { MechanismFactory } from '../dse-authenticator.js'
import {
  callback,
  initially,
  optionBag,
  readOptions,
  refuseMore,
  type Spec,
} from '../lib/options/option-spec.js'
import { type AskAgainOptions, asksAgainOption, oneMessage } from './anonymous.js'
import { type ActingOptions, actingAs, mayActAsOption, refused } from './sasl-authenticator.js'

/** Options of `externalServer`. */
export interface ExternalServerOptions extends ActingOptions, AskAgainOptions {
  /** The user name of a client, from the facts about its connection. Default: the CN of a verified client certificate. */
  identify?: ((connection: ConnectionInfo) => string | undefined) | undefined
}

export const externalServerBag = optionBag('externalServer', {
  identify: initially(
    commonName,
    callback<NonNullable<ExternalServerOptions['identify']>>(),
    'Most servers map a certificate to a user in this way.',
    'the common name of the certificate',
  ),
  mayActAs: mayActAsOption,
  asksAgain: asksAgainOption,
} satisfies Spec<ExternalServerOptions>)

/** EXTERNAL (RFC 4422 appendix A): the identity comes from the connection. The message may name a role to act as. */
export function externalServer(options?: ExternalServerOptions): MechanismFactory
export function externalServer(
  options?: ExternalServerOptions,
  ...more: readonly unknown[]
): MechanismFactory {
  refuseMore('externalServer', more)
  const { identify, mayActAs, asksAgain } = readOptions(externalServerBag, options)
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
