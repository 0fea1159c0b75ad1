import type { AuthError, CredentialContext } from '@x/auth-core'
import { Secret } from '@x/auth-core/base'
import type { ServerHintOptions } from '../oidc-options.js'

/** Where the next token comes from, and for what. */
export interface Hint {
  readonly issuer?: string
  readonly scope?: string
}

/**
 * What the refusals of a server say of where a token comes from (RFC 7628 §3.2.2), as far as the options allow it. The server wrote it,
 * so it chooses among what is allowed, and nothing else.
 */
export class ServerHint {
  readonly #allowed: ServerHintOptions | undefined
  #hint: Hint = {}

  constructor(allowed: ServerHintOptions | undefined) {
    this.#allowed = allowed
  }

  /** The hint that holds for this question. */
  for({ refusal, observeLogin }: CredentialContext): Hint {
    if (!this.#allowed) return this.#hint
    // Under `cached`, the refusal comes with the next question; else from the login itself.
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

/** RFC 7628 §3.2.2: a JSON object. It may repeat the token, so that `@x/auth-sasl` keeps it in a Secret. */
function wordsOf(error: AuthError | undefined): Readonly<Record<string, unknown>> {
  if (error?.code !== 'OAUTHBEARER_REFUSED' || !Secret.is(error.cause)) return {}
  try {
    return Object(JSON.parse(error.cause.use(String)))
  } catch {
    return {}
  }
}

/** The addresses of its metadata: OpenID Connect Discovery §4, RFC 8414 §3. Compared as text: nothing is resolved. */
function metadataOf(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
  ]
}
