import { type AuthenticatorPattern, matchesAuthenticator } from './authenticator-pattern.js'
import { authError } from './errors.js'
import { adviceOn } from './lib/login/fitting.js'
import { patternsOption } from './lib/options/common-options.js'
import { initially, optionBag, readOptions, refuseMore, type Spec } from './lib/options/option-spec.js'
import { certificate } from './mechanisms/certificate.js'
import { BaseAuthProvider, type ProviderOptions, providerOptions } from './provider.js'
import { quotable } from './quotable.js'

export interface CertificateAuthOptions extends ProviderOptions {
  /**
   * The authenticators that know a client by its certificate. Default: Cassandra's MutualTlsAuthenticator and
   * MutualTlsWithPasswordFallbackAuthenticator; any other is refused with AUTHENTICATOR_NOT_ALLOWED.
   */
  readonly authenticators?: readonly AuthenticatorPattern[] | undefined
}

const certificateAuthenticators: readonly AuthenticatorPattern[] = [
  'MutualTlsAuthenticator',
  'MutualTlsWithPasswordFallbackAuthenticator',
]

export const certificateBag = optionBag('CertificateAuthProvider', {
  ...providerOptions,
  authenticators: initially(
    certificateAuthenticators,
    patternsOption,
    'An empty message is right for these two only. Any other authenticator wants something that this client does not have, so an error is better than an answer.',
    'MutualTlsAuthenticator, MutualTlsWithPasswordFallbackAuthenticator',
  ),
} satisfies Spec<CertificateAuthOptions>)

/**
 * Logs in as the role to which the server maps the certificate that the client shows in TLS: for `sslOptions` with a
 * client certificate, such as `mutual({ ca, cert, key })` of @x/tls-profiles. Cassandra 5.0 asks for a login all the
 * same, and takes the empty message that this sends; Cassandra 6 never asks, and the provider does no harm.
 *
 * `new CertificateAuthProvider()`. Where some servers still want a password:
 * `routeByAuthenticator([{ authenticator: /MutualTls/, provider: new CertificateAuthProvider() }], { otherwise })`.
 *
 * Errors at construction: OPTION_INVALID. Errors at a login: AUTHENTICATOR_NOT_ALLOWED, UNEXPECTED_CHALLENGE. If the
 * server refuses, see `findAuthError`.
 */
export class CertificateAuthProvider extends BaseAuthProvider<object> {
  constructor(options?: CertificateAuthOptions)
  constructor(options?: CertificateAuthOptions, ...more: readonly unknown[]) {
    refuseMore('CertificateAuthProvider', more)
    refuseCredentials(options)
    const { authenticators, ...provider } = readOptions(certificateBag, options)
    super({
      ...provider,
      mechanisms: [certificate],
      credentials: {},
      select: (authenticator) => {
        if (authenticators.some((pattern) => matchesAuthenticator(pattern, authenticator))) return certificate
        throw notByCertificate(authenticator)
      },
    })
  }
}

/** A user name and a password, as other providers take them: the list of the options would not say where they belong. */
function refuseCredentials(options: unknown): void {
  if (typeof options !== 'object' || options === null || !('credentials' in options)) return
  throw authError(
    'OPTION_INVALID',
    'CertificateAuthProvider takes no credentials: the certificate and the key belong in sslOptions.',
  )
}

function notByCertificate(authenticator: string) {
  const problem = `The server asks for ${quotable(authenticator)}, which is not known to log a client in by its certificate.`
  const advice = adviceOn(authenticator)
  const choice =
    'Set `authenticator` in its cassandra.yaml to MutualTlsAuthenticator, or add a provider for this authenticator (routeByAuthenticator).'
  return authError(
    'AUTHENTICATOR_NOT_ALLOWED',
    [problem, advice, choice].filter((sentence) => sentence !== '').join(' '),
  )
}
