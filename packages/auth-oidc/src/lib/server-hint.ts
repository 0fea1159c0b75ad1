import type { AuthError, CredentialContext } from '@x/auth-core'
import { Secret } from '@x/auth-core/base'
import type { ServerHintOptions } from '../oidc-options.js'

/** Where to get the next token, and for which scope. */
export interface Hint {
  readonly issuer?: string
  readonly scope?: string
}

/**
 * Learns from the refusals of a server where to get a token (RFC 7628 §3.2.2). The server wrote them, so only what the
 * options allow is used.
 */
export class ServerHint {
  readonly #allowed: ServerHintOptions | undefined
  #hint: Hint = {}

  constructor(allowed: ServerHintOptions | undefined) {
    this.#allowed = allowed
  }

  /** The hint for this login. */
  for({ refusal, observeLogin }: CredentialContext): Hint {
    if (!this.#allowed) return this.#hint
    // Under `cached`, the refusal comes with the next question. Otherwise the login itself reports it.
    this.#learn(refusal)
    observeLogin?.((_, error) => this.#learn(error))
    return this.#hint
  }

  #learn(error: AuthError | undefined): void {
    const { issuers = [], scopes = [] } = this.#allowed ?? {}
    const { 'openid-configuration': address, scope } = wordsOf(error)
    const issuer = issuers.find((each) => typeof address === 'string' && metadataOf(each).includes(address))
    const mayAsk = typeof scope === 'string' && scope.split(' ').every((each) => scopes.includes(each))
    this.#hint = { ...this.#hint, ...(issuer !== undefined && { issuer }), ...(mayAsk && { scope }) }
  }
}

/** RFC 7628 §3.2.2: a JSON object. It may repeat the token, so `@x/auth-sasl` keeps it in a Secret. */
function wordsOf(error: AuthError | undefined): Readonly<Record<string, unknown>> {
  if (error?.code !== 'OAUTHBEARER_REFUSED' || !Secret.is(error.cause)) return {}
  try {
    return Object(JSON.parse(error.cause.use(String)))
  } catch {
    return {}
  }
}

/**
 * The addresses of an issuer's metadata: OpenID Connect Discovery §4, RFC 8414 §3. They are compared as text, without
 * resolving them.
 */
function metadataOf(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
  ]
}
