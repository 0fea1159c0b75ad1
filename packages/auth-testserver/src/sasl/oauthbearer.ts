import type { MechanismFactory } from '../dse-authenticator.js'
import { lookUp } from '../lib/look-up.js'
import { either, tableOption } from '../lib/options/common-options.js'
import {
  bagOf,
  callback,
  optionBag,
  readOptions,
  refuseMore,
  required,
  type Spec,
  some,
  text,
} from '../lib/options/option-spec.js'
import { type ActingOptions, actingAs, mayActAsOption, refused } from './sasl-authenticator.js'

/** The answer to a refused client (RFC 7628 §3.2.2). */
export interface BearerRefusal {
  status: string
  scope?: string | undefined
  'openid-configuration'?: string | undefined
}

/** Options of `oauthBearerServer`. */
export interface OAuthBearerServerOptions extends ActingOptions {
  /** The user name for each token. */
  tokens: Readonly<Record<string, string>> | ReadonlyMap<string, string>
  /** The answer to a refused client. A text is sent unchanged. Default `{ status: 'invalid_token' }`. */
  refusal?: BearerRefusal | string | undefined
  /** Called with the key/value pairs of a client, without `auth`. */
  onPairs?: ((pairs: ReadonlyMap<string, string>) => void) | undefined
}

const refusalBag = optionBag('the option refusal of oauthBearerServer', {
  status: required(text()),
  scope: text(),
  'openid-configuration': text(),
} satisfies Spec<BearerRefusal>)

export const oauthBearerServerBag = optionBag('oauthBearerServer', {
  tokens: required(tableOption),
  refusal: either(
    some<string>('a string', (value) => typeof value === 'string'),
    bagOf(refusalBag),
  ),
  onPairs: callback<NonNullable<OAuthBearerServerOptions['onPairs']>>(),
  mayActAs: mayActAsOption,
} satisfies Spec<OAuthBearerServerOptions>)

/**
 * OAUTHBEARER (RFC 7628). A refusal is a challenge in JSON; the client answers with the byte 01, and then the server
 * sends the failure.
 */
export function oauthBearerServer(options: OAuthBearerServerOptions): MechanismFactory
export function oauthBearerServer(
  options: OAuthBearerServerOptions,
  ...more: readonly unknown[]
): MechanismFactory {
  refuseMore('oauthBearerServer', more)
  const {
    tokens,
    refusal = { status: 'invalid_token' },
    mayActAs,
    onPairs,
  } = readOptions(oauthBearerServerBag, options)
  const refusalToken = Buffer.from(typeof refusal === 'string' ? refusal : JSON.stringify(refusal))
  return () => {
    let told = false
    return {
      respond(token) {
        if (token === null) return { failure: 'java.lang.NullPointerException', code: 0x0000 }
        if (told) {
          const dummy = token.length === 1 && token[0] === 1
          return refused(dummy ? 'The token was refused' : 'A refusal must be answered with the byte 01')
        }
        const message = readMessage(Buffer.from(token).toString('utf8'))
        if (message === undefined) return refused('This is not a message of OAUTHBEARER')
        const { authorizationId, pairs, bearer } = message
        onPairs?.(pairs)
        const user = bearer === undefined ? undefined : lookUp(tokens, bearer)
        const username = user === undefined ? undefined : actingAs(user, authorizationId, mayActAs)
        if (username !== undefined) return { success: null, username }
        told = true
        return { challenge: refusalToken }
      },
    }
  }
}

/** RFC 7628 §3.1: gs2-header kvsep *(key "=" value kvsep) kvsep */
function readMessage(text: string) {
  const [header = '', ...parts] = text.split('\x01')
  const [, role = ''] = /^n,(?:a=([^,]+))?,$/.exec(header) ?? []
  // Every pair ends with the separator, and so does the message.
  const ending = parts.splice(-2)
  if (!/^n,.*,$/.test(header) || ending.join('|') !== '|') return undefined
  const pairs = new Map<string, string>()
  for (const pair of parts) {
    const [, key, value] = /^([A-Za-z]+)=(.*)$/s.exec(pair) ?? []
    if (key === undefined || value === undefined || pairs.has(key)) return undefined
    pairs.set(key, value)
  }
  const [, bearer] = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(pairs.get('auth') ?? '') ?? []
  pairs.delete('auth')
  return { authorizationId: role.replaceAll('=2C', ',').replaceAll('=3D', '='), pairs, bearer }
}
