import { authError, bagOf, optionBag, readOptions, refuseMore, type Spec } from '@x/auth-core/base'
import { bearerOf } from '../lib/bearer.js'
import { clientOf, oidcOptions, serverHintBag, targetOptions } from '../lib/connection.js'
import { ServerHint } from '../lib/server-hint.js'
import type { OidcOptions, ServerHintOptions, TokenSource, TokenTarget } from '../oidc-options.js'

export interface ClientCredentialsOptions extends OidcOptions, TokenTarget {
  /**
   * When a server refuses a token, it may say where to get another one (RFC 7628 §3.2.2). This option follows it,
   * within these lists. Default: only the issuer and the scope of the options are used. Do not combine it with
   * `tokenEndpoint`.
   */
  readonly followServerHint?: ServerHintOptions | undefined
}

export const clientCredentialsBag = optionBag('clientCredentials', {
  ...oidcOptions,
  ...targetOptions,
  followServerHint: {
    ...bagOf(serverHintBag),
    shown: 'not followed',
    why: 'Anyone who answers at the address can write such a hint.',
  },
} satisfies Spec<ClientCredentialsOptions>)

/**
 * Tokens for a program, with the grant client_credentials (RFC 6749 §4.4). It asks the server at each call, so wrap it
 * with `cached`. Errors: OPTION_INVALID, OPTIONS_CONTRADICT; at a login the codes of this package, and
 * CREDENTIALS_NOT_CONFIGURED or CREDENTIALS_INVALID for the file of a secret or a key.
 */
export function clientCredentials(options: ClientCredentialsOptions): TokenSource
export function clientCredentials(
  options: ClientCredentialsOptions,
  ...more: readonly unknown[]
): TokenSource {
  refuseMore('clientCredentials', more)
  const read = readOptions(clientCredentialsBag, options)
  const { followServerHint, scope, audience, resource, clock } = read
  const { clientSecret, privateKeyJwt, clientAssertionFile, mtls } = read
  if (!(clientSecret ?? privateKeyJwt ?? clientAssertionFile ?? mtls)) {
    throw authError(
      'OPTION_INVALID',
      'clientCredentials needs one of clientSecret, privateKeyJwt, clientAssertionFile and mtls.',
    )
  }
  if (followServerHint && read.tokenEndpoint !== undefined) {
    throw authError(
      'OPTIONS_CONTRADICT',
      'clientCredentials takes tokenEndpoint or followServerHint: another issuer has another endpoint.',
    )
  }
  const client = clientOf('clientCredentials', read, followServerHint?.issuers)
  const hint = new ServerHint(followServerHint)

  return async (context) => {
    const { issuer, scope: hinted = scope } = hint.for(context)
    const parameters = { scope: hinted, audience, resource }
    const answer = await client.token({ grantType: 'client_credentials', parameters, issuer }, context)
    return bearerOf('The token of the server', answer, clock)
  }
}
