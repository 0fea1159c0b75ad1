import { authError, optionBag, readOptions, refuseMore, required, type Spec, text } from '@x/auth-core/base'
import { readText, type TextInput, textInput } from '@x/auth-core/http'
import { bearerOf } from '../lib/bearer.js'
import { clientOf, oidcOptions, targetOptions } from '../lib/connection.js'
import type { OidcOptions, TokenSource, TokenTarget } from '../oidc-options.js'

export interface TokenExchangeOptions extends OidcOptions, TokenTarget {
  /**
   * The token to be exchanged: `{ path }` of a file, a function, or another source, such as `tokenFile({ … })`. It is
   * read for each exchange.
   */
  readonly subjectToken: TextInput
  /** Its type (RFC 8693 §3). Default `urn:ietf:params:oauth:token-type:jwt`. */
  readonly subjectTokenType?: string | undefined
  /** The token of the actor, who acts for the subject (RFC 8693 §1.1). Default: none. */
  readonly actorToken?: TextInput | undefined
  /** The type of `actorToken`; give it only with that option. Default `urn:ietf:params:oauth:token-type:jwt`. */
  readonly actorTokenType?: string | undefined
  /** The type of the token that the server returns (RFC 8693 §2.1). Default: the server decides. */
  readonly requestedTokenType?: string | undefined
}

const jwtType = 'urn:ietf:params:oauth:token-type:jwt'

export const tokenExchangeBag = optionBag('tokenExchange', {
  ...oidcOptions,
  ...targetOptions,
  subjectToken: required(textInput('the token to be exchanged')),
  subjectTokenType: {
    ...text('the URI of a type'),
    shown: `\`${jwtType}\``,
    why: 'Tokens of workloads are JWTs.',
  },
  actorToken: { ...textInput('the token of the actor'), shown: 'none', why: 'Few servers know it.' },
  actorTokenType: {
    ...text('the URI of a type'),
    shown: `\`${jwtType}\``,
    why: 'Tokens of workloads are JWTs.',
  },
  requestedTokenType: {
    ...text('the URI of a type'),
    shown: 'what the server gives',
    why: 'RFC 8693 §2.1 leaves it to the server.',
  },
} satisfies Spec<TokenExchangeOptions>)

/**
 * Exchanges a token, for example that of a workload, for one that the database accepts (RFC 8693). It asks the server
 * at each call, so wrap it with `cached`. Errors: OPTION_INVALID, OPTIONS_CONTRADICT; at a login the codes of this
 * package and those of the sources of the tokens.
 */
export function tokenExchange(options: TokenExchangeOptions): TokenSource
export function tokenExchange(options: TokenExchangeOptions, ...more: readonly unknown[]): TokenSource {
  refuseMore('tokenExchange', more)
  const read = readOptions(tokenExchangeBag, options)
  const { subjectToken, subjectTokenType = jwtType, actorToken, actorTokenType } = read
  const { scope, audience, resource, requestedTokenType, clock } = read
  if (actorTokenType !== undefined && actorToken === undefined) {
    throw authError('OPTION_INVALID', 'The option actorTokenType of tokenExchange needs actorToken.')
  }
  const client = clientOf('tokenExchange', read)

  return async (context) => {
    const subject = await readText(subjectToken, { what: 'The subject token', form: 'token', context })
    const actor =
      actorToken === undefined
        ? undefined
        : await readText(actorToken, { what: 'The actor token', form: 'token', context })
    const answer = await client.token(
      {
        grantType: 'urn:ietf:params:oauth:grant-type:token-exchange',
        parameters: {
          subject_token: subject.use(String),
          subject_token_type: subjectTokenType,
          actor_token: actor?.use(String),
          actor_token_type: actor && (actorTokenType ?? jwtType),
          requested_token_type: requestedTokenType,
          scope,
          audience,
          resource,
        },
      },
      context,
    )
    return bearerOf('The token of the server', answer, clock)
  }
}
