import type { ConnectionInfo, Reply, ServerAuthenticator } from './authenticator.js'
import { lookUp } from './lib/look-up.js'
import { tableOption } from './lib/options/common-options.js'
import {
  callback,
  initially,
  oneOf,
  optionBag,
  readOptions,
  refuseMore,
  required,
  type Spec,
} from './lib/options/option-spec.js'
import { passwordAuthenticator, type Users } from './password-authenticator.js'

/** Options of `mutualTlsAuthenticator`. */
export interface MutualTlsAuthenticatorOptions {
  /** The role of each identity, as ADD IDENTITY and DROP IDENTITY set it. A change takes effect at the next login. */
  identities: Readonly<Record<string, string>> | ReadonlyMap<string, string>
  /**
   * Passwords for clients without a certificate; the class is then MutualTlsWithPasswordFallbackAuthenticator. Default:
   * none, and the class is MutualTlsAuthenticator.
   */
  passwords?: Users | undefined
  /** `5.0` asks for a login and ignores its content. `6.0` logs the client in at STARTUP and asks nothing. Default `5.0`. */
  release?: '5.0' | '6.0' | undefined
  /**
   * The identity of a client; undefined if it has none. Default: the first SPIFFE name of its certificate, if that
   * comes from the server's `ca`.
   */
  identify?: ((connection: ConnectionInfo) => string | undefined) | undefined
}

export const mutualTlsAuthenticatorBag = optionBag('mutualTlsAuthenticator', {
  identities: required(tableOption),
  passwords: tableOption,
  release: initially('5.0', oneOf('5.0', '6.0'), 'The release that most clusters with certificates run.'),
  identify: initially(
    spiffeName,
    callback<NonNullable<MutualTlsAuthenticatorOptions['identify']>>('a function of a connection'),
    "Cassandra's SpiffeCertificateValidator, its default.",
    'the first SPIFFE name',
  ),
} satisfies Spec<MutualTlsAuthenticatorOptions>)

const auth = 'org.apache.cassandra.auth'

/**
 * Cassandra's MutualTlsAuthenticator with SpiffeCertificateValidator, or its form with passwords as a fallback, with
 * the answers and texts of 5.0.9 and 6.0-alpha2. The server needs `tls` with `requestClientCertificate`.
 */
export function mutualTlsAuthenticator(options: MutualTlsAuthenticatorOptions): ServerAuthenticator
export function mutualTlsAuthenticator(
  options: MutualTlsAuthenticatorOptions,
  ...more: readonly unknown[]
): ServerAuthenticator {
  refuseMore('mutualTlsAuthenticator', more)
  const { identities, passwords, release, identify } = readOptions(mutualTlsAuthenticatorBag, options)
  const name = `${auth}.MutualTls${passwords ? 'WithPasswordFallback' : ''}Authenticator`
  const byPassword = passwords && passwordAuthenticator({ users: passwords, className: name })
  const fallsBack = (connection: ConnectionInfo) =>
    identify(connection) === undefined && !hasCertificate(connection) ? byPassword : undefined
  const byCertificate = (connection: ConnectionInfo) => check(connection, identify(connection), identities)
  return {
    name,
    newExchange: (connection) =>
      fallsBack(connection)?.newExchange(connection) ?? {
        respond: (token) => (token === null ? nullPointer : byCertificate(connection)),
      },
    ...(release === '6.0' && {
      early: (connection) => (fallsBack(connection) ? undefined : byCertificate(connection)),
    }),
  }
}

/** Cassandra's AuthResponse.decode calls remaining() on a null buffer. */
const nullPointer: Reply = { failure: 'java.lang.NullPointerException', code: 0x0000 }

function check(
  connection: ConnectionInfo,
  identity: string | undefined,
  identities: MutualTlsAuthenticatorOptions['identities'],
): Reply {
  if (identity === undefined) {
    const problem = hasCertificate(connection)
      ? 'Unable to extract Spiffe from the certificate'
      : 'No certificate present on connection'
    return { failure: problem }
  }
  const role = lookUp(identities, identity)
  if (role === undefined) return { failure: `Certificate identity '${identity}' not authorized` }
  return { success: null, username: role }
}

function hasCertificate({ tls }: ConnectionInfo): boolean {
  return tls?.authorized === true && tls.peerCertificate !== undefined
}

function spiffeName(connection: ConnectionInfo): string | undefined {
  if (!hasCertificate(connection)) return undefined
  const names = connection.tls?.peerCertificate?.subjectAltName ?? ''
  return /(?:^|, )URI:(spiffe:\/\/[^,]+)/.exec(names)?.[1]
}
