import {
  authError,
  definedIn,
  finish,
  giveUp,
  type OneWayMechanism,
  optionBag,
  readOptions,
  refusedByServer,
  refuseMore,
  Secret,
  type ServerToken,
  type Spec,
  whole,
  withoutData,
} from '@x/auth-core/base'
import { saslError } from '../errors.js'
import { parseAuthorizationId } from '../lib/authorization-id.js'
import { messageText, utf8 } from '../lib/bytes.js'
import { gs2HeaderOf } from '../lib/sasl-name.js'
import { hostFor, hostOption, type ServerHost } from '../lib/server-host.js'
import type { MechanismRow } from '../mechanism-row.js'

/** A token of OAuth 2.0, such as a JWT. */
export interface BearerCredentials {
  readonly token: string | Secret
  /** The role to act as. Default: the one that the server reads from the token. */
  readonly authorizationId?: string | undefined
}

/** Options of OAUTHBEARER. */
export interface OAuthBearerOptions {
  /** The host that the client connected to, if the server needs it. Default: not sent. */
  readonly host?: ServerHost | undefined
  /** The port that the client connected to, if the server needs it. Default: not sent. */
  readonly port?: number | undefined
  /** Further key/value pairs that the server knows, such as Kafka's SASL extensions. */
  readonly extensions?: Readonly<Record<string, string>> | undefined
}

const notSent = { shown: 'not sent', why: 'RFC 7628 §3.1 makes it optional, and few servers read it.' }

const bag = optionBag('oauthBearer', {
  host: { ...hostOption, ...notSent },
  port: { ...whole({ min: 1, max: 65_535 }), ...notSent },
  extensions: {
    must: 'an object of keys (letters; not auth, host or port) and values (printable ASCII)',
    take: takeExtensions,
    initial: undefined,
    shown: 'none',
    why: 'Each has a meaning for one kind of server only.',
  },
} satisfies Spec<OAuthBearerOptions>)

interface ParsedBearer {
  readonly token: Secret
  readonly authorizationId: string
}

/** RFC 7628 §3.1: kvsep = %x01 */
const separator = '\x01'

/** RFC 7628 §3.2.3: the client's answer to an error, so that the server can end the exchange. */
const dummyResponse = Buffer.of(0x01)

/** RFC 6750 §2.1: b64token */
const bearerToken = /^[A-Za-z0-9._~+/-]+=*$/

/** RFC 7628 §3.1: key = 1*(ALPHA); value = *(VCHAR / SP / HTAB / CR / LF) */
const extensionKey = /^[A-Za-z]+$/
const extensionValue = /^[\x21-\x7e \t\r\n]*$/
const ownKeys = ['auth', 'host', 'port']

/**
 * OAUTHBEARER (RFC 7628): a bearer token, readable by anyone who reads the connection.
 *
 * Errors: OPTION_INVALID here; CREDENTIALS_INVALID; in an exchange CHALLENGE_INVALID, and OAUTHBEARER_REFUSED with the
 * server's `details.status` if that is a registered one. Its `cause` is a Secret with the server's words, such as the
 * scope and the openid-configuration: they may repeat the token.
 */
export function oauthBearer(options?: OAuthBearerOptions): OneWayMechanism<ParsedBearer>
export function oauthBearer(
  options?: OAuthBearerOptions,
  ...more: readonly unknown[]
): OneWayMechanism<ParsedBearer> {
  refuseMore('oauthBearer', more)
  const { host, port, extensions = {} } = readOptions(bag, options)
  return {
    name: 'OAUTHBEARER',
    clientFirst: true,
    mutual: false,
    cleartext: true,
    spec: 'RFC 7628',

    parseCredentials: parseBearer,

    async *converse({ token, authorizationId }, context) {
      // RFC 7628 §3.1: client-resp = gs2-header kvsep *kvpair kvsep
      const message = [
        gs2HeaderOf(authorizationId),
        ...(host === undefined ? [] : [`host=${await hostFor(host, context)}`]),
        ...(port === undefined ? [] : [`port=${port}`]),
        token.use((text) => `auth=Bearer ${text}`),
        ...Object.entries(extensions).map(([key, value]) => `${key}=${value}`),
        separator,
      ].join(separator)
      // RFC 7628 §3.2: a success has no data; what could come with it is a refusal.
      const challenge = yield finish(
        utf8(message),
        withoutData(() => undefined),
      )
      yield giveUp(dummyResponse, refusal(challenge))
    },
  }
}

/**
 * What a status may say: the codes of RFC 6750 §3.1, those of the registry "OAuth Extensions Error" for a request with a token
 * (RFC 9449, RFC 9470), and those of RFC 6749 that servers use here as well.
 */
const knownStatuses = [
  'invalid_request',
  'invalid_token',
  'insufficient_scope',
  'invalid_dpop_proof',
  'use_dpop_nonce',
  'insufficient_user_authentication',
  'access_denied',
  'invalid_client',
  'invalid_scope',
  'server_error',
  'temporarily_unavailable',
  'unauthorized_client',
]

/**
 * RFC 7628 §3.2.2: a challenge is always the refusal, as a JSON object. The server has the token and can write it there
 * in any form, so its text is never printed: we print our own word for the status, and for all other fields only that
 * they are there.
 */
function refusal(challenge: ServerToken) {
  const words = messageText(challenge)
  const answer = parseJson(words)
  const status = knownStatuses.find((known) => known === answer['status'])
  const others = ['scope', 'openid-configuration'].filter((field) => typeof answer[field] === 'string')
  const left = [...(status ? [] : ['a status that is none of the registered ones']), ...others].join(', ')
  const problem = `The server refused the token${status ? `: ${status}` : ''}.${left && ` More of its answer is left out because it may repeat the token: ${left}. \`cause\` is a Secret with the whole answer.`}`
  const details = status ? { status } : {}
  return refusedByServer(saslError('OAUTHBEARER_REFUSED', problem, { details, cause: new Secret(words) }))
}

function parseJson(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch {
    // Said below for everything that is no object.
  }
  throw authError('CHALLENGE_INVALID', "The server's refusal of the token is not a JSON object.")
}

function parseBearer(value: unknown): ParsedBearer {
  const { token, authorizationId } = (value ?? {}) as Record<string, unknown>
  const secret = Secret.of(token as string) as Secret
  const wellFormed = secret.use((text) => typeof text === 'string' && bearerToken.test(text))
  if (!wellFormed) {
    throw authError(
      'CREDENTIALS_INVALID',
      'The token is not a bearer token: letters, digits and -._~+/ with = at the end.',
    )
  }
  return { token: secret, authorizationId: parseAuthorizationId(authorizationId) }
}

/** A copy: what was checked is what is sent. */
function takeExtensions(value: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const entries: [string, string][] = Object.entries({ ...definedIn(value), ...value })
  const right = entries.every(
    ([key, text]) =>
      !ownKeys.includes(key) &&
      extensionKey.test(key) &&
      typeof text === 'string' &&
      extensionValue.test(text),
  )
  return right ? Object.fromEntries(entries) : undefined
}

const row: MechanismRow<'OAUTHBEARER', BearerCredentials, OAuthBearerOptions> = {
  name: 'OAUTHBEARER',
  credentials: { token: true, authorizationId: true },
  options: bag,
  provider: {},
  create: oauthBearer,
}

export const rows = { OAUTHBEARER: row }
