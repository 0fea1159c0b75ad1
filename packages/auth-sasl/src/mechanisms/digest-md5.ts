import { createHash } from 'node:crypto'
import {
  finish,
  initially,
  type MutualMechanism,
  optionBag,
  type PasswordCredentials,
  plain,
  readOptions,
  refuseMore,
  type Secret,
  type Spec,
  send,
  some,
  withoutData,
} from '@x/auth-core/base'
import { saslError } from '../errors.js'
import { empty } from '../lib/bytes.js'
import {
  type DigestChallenge,
  parseDigestChallenge,
  parseResponseAuth,
} from '../lib/digest/digest-challenge.js'
import { type ByteString, quoted } from '../lib/digest/digest-directives.js'
import { printableNonce } from '../lib/nonce.js'
import { hostFor, hostOption, type ServerHost } from '../lib/server-host.js'
import { serviceOption } from '../lib/service-option.js'
import { type MechanismRow, passwordFields, type ServerVerificationOptions } from '../mechanism-row.js'

/** Options of DIGEST-MD5. */
export interface DigestMd5Options {
  /** The realm of the user, if the server offers several or none. Default: the one that the server offers. */
  readonly realm?: string | undefined
  /** The service in digest-uri, as the server is registered. Default `cassandra`. */
  readonly service?: string | undefined
  /** The host in digest-uri, as the server names itself. Default: the address of the node. */
  readonly host?: ServerHost | undefined
}

const bag = optionBag('digestMd5', {
  realm: {
    ...some<string>('a text without control characters', isRealm),
    shown: 'the one that the server offers',
    why: 'Only the user can choose among several: after a wrong guess, the server gives no reason.',
  },
  service: initially('cassandra', serviceOption, 'As servers register themselves.'),
  host: { ...hostOption, shown: "the node's address", why: 'The driver knows no other name of a node.' },
} satisfies Spec<DigestMd5Options>)

interface DigestCredentials {
  readonly username: string
  readonly authorizationId: string
  readonly password: Secret
}

/** What both sides' digests are made of. */
interface DigestInput {
  readonly credentials: DigestCredentials
  readonly challenge: DigestChallenge
  readonly cnonce: string
  readonly digestUri: string
}

/** RFC 2831 §2.1.2: nc-value, for the first and only request with this nonce. */
const nonceCount = '00000001'

/**
 * DIGEST-MD5 (RFC 2831), quality of protection auth. The password does not cross the wire and the server proves that it
 * knows it, or its hash; but MD5 is fast to search, and RFC 6331 made the mechanism historic.
 *
 * Errors: OPTION_INVALID here; in an exchange DIGEST_QOP_UNSUPPORTED, DIGEST_REALM_UNKNOWN, DIGEST_CHARSET_UNSUPPORTED,
 * and CHALLENGE_INVALID, SERVER_NOT_VERIFIED of `@x/auth-core`.
 */
export function digestMd5(
  options?: DigestMd5Options,
): MutualMechanism<DigestCredentials> & { readonly weakness: string }
export function digestMd5(
  options?: DigestMd5Options,
  ...more: readonly unknown[]
): MutualMechanism<DigestCredentials> & { readonly weakness: string } {
  refuseMore('digestMd5', more)
  const { realm, service, host = ({ address }: { address: string }) => address } = readOptions(bag, options)
  return {
    name: 'DIGEST-MD5',
    clientFirst: false,
    mutual: true,
    cleartext: false,
    spec: 'RFC 2831',
    weakness:
      'With MD5, guessing the password from a recorded login is cheap; RFC 6331 made the mechanism historic.',

    parseCredentials: (value) => plain.parseCredentials(value),

    async *converse(credentials, context) {
      const challenge = parseDigestChallenge(yield send(empty), realm)
      const digestUri = `${service}/${await hostFor(host, context)}`
      const input = { credentials, challenge, cnonce: printableNonce(context), digestUri }
      const secret = sessionKey(input)
      const response = Buffer.from(digestResponse(input, secret), 'latin1')
      const responseAuth = Buffer.from(digest(input, secret, ''), 'latin1')

      const last = yield finish(response, (token) =>
        context.verifyServer(responseAuth, token === undefined ? token : parseResponseAuth(token)),
      )
      const proof = context.verifyServer(responseAuth, parseResponseAuth(last))
      yield finish(
        empty,
        withoutData(() => proof),
      )
    },
  }
}

/** RFC 2831 §2.1.2: digest-response, in the order of the example in §4. */
function digestResponse(input: DigestInput, secret: string): ByteString {
  const { credentials, challenge, cnonce, digestUri } = input
  const { realm, nonce, utf8 } = challenge
  const { username, authorizationId } = credentials
  return [
    ...(utf8 ? ['charset=utf-8'] : []),
    `username=${quoted(encoded(username, utf8, 'username'))}`,
    ...(realm === undefined ? [] : [`realm=${quoted(encoded(realm, utf8, 'realm'))}`]),
    `nonce=${quoted(nonce)}`,
    `nc=${nonceCount}`,
    `cnonce=${quoted(cnonce)}`,
    `digest-uri=${quoted(utf8Bytes(digestUri))}`,
    `response=${digest(input, secret, 'AUTHENTICATE')}`,
    'qop=auth',
    // authzid is UTF-8 whatever the charset, and absent rather than empty
    ...(authorizationId === '' ? [] : [`authzid=${quoted(utf8Bytes(authorizationId))}`]),
  ].join(',')
}

/** RFC 2831 §2.1.2.1: HEX(H(A1)), A1 = H(username:realm:passwd) : nonce : cnonce [: authzid] */
function sessionKey({ credentials, challenge, cnonce }: DigestInput): string {
  const { username, password, authorizationId } = credentials
  const { realm = '', nonce, utf8 } = challenge
  const name = `${hashed(username, utf8, 'username')}:${hashed(realm, utf8, 'realm')}:`
  const userHash = password.use((text) =>
    md5(name + hashed(text, utf8, 'password'))
      .digest()
      .toString('latin1'),
  )
  const authzid = authorizationId === '' ? '' : `:${utf8Bytes(authorizationId)}`
  return md5(`${userHash}:${nonce}:${cnonce}${authzid}`).digest('hex')
}

/**
 * RFC 2831 §2.1.2.1: HEX(KD(HEX(H(A1)), nonce : nc : cnonce : qop : HEX(H(A2)))), A2 = method : digest-uri. The server's
 * proof (§2.1.3) is the same with no method.
 */
function digest({ challenge, cnonce, digestUri }: DigestInput, secret: string, method: string): string {
  const a2 = md5(`${method}:${utf8Bytes(digestUri)}`).digest('hex')
  return md5(`${secret}:${challenge.nonce}:${nonceCount}:${cnonce}:auth:${a2}`).digest('hex')
}

function md5(bytes: ByteString) {
  return createHash('md5').update(bytes, 'latin1')
}

/**
 * RFC 2831 §2.1.2.1: what fits into ISO 8859-1 is hashed as ISO 8859-1, also where it is sent as UTF-8: so stored hashes
 * can be shared with HTTP.
 */
function hashed(text: string, utf8: boolean, what: string): ByteString {
  return isLatin1(text) ? text : encoded(text, utf8, what)
}

/** In the charset of the exchange. Throws DIGEST_CHARSET_UNSUPPORTED. */
function encoded(text: string, utf8: boolean, what: string): ByteString {
  if (utf8) return utf8Bytes(text)
  if (isLatin1(text)) return text
  throw saslError(
    'DIGEST_CHARSET_UNSUPPORTED',
    `The ${what} has characters beyond ISO 8859-1, and the server takes no other.`,
  )
}

function utf8Bytes(text: string): ByteString {
  return Buffer.from(text).toString('latin1')
}

function isLatin1(text: string): boolean {
  return /^[\0-\xff]*$/.test(text)
}

/** What can be written between quotes and read again. */
function isRealm(value: unknown): boolean {
  return typeof value === 'string' && !/[^ -~\u00a0-\u{10ffff}]/u.test(value)
}

const row: MechanismRow<'DIGEST-MD5', PasswordCredentials, DigestMd5Options, ServerVerificationOptions> = {
  name: 'DIGEST-MD5',
  credentials: passwordFields,
  options: bag,
  provider: { serverVerification: true },
  create: digestMd5,
}

export const rows = { 'DIGEST-MD5': row }
