import { isUtf8 } from 'node:buffer'
import { authError, type ServerToken } from '@x/auth-core/base'
import { saslError } from '../../errors.js'
import { messageBytes, quotable } from '../bytes.js'
import { type ByteString, parseDirectives, single } from './digest-directives.js'

/** What the client needs from RFC 2831 §2.1.1's digest-challenge. */
export interface DigestChallenge {
  /** The realm to log in to; undefined if neither the server nor the client names one. */
  readonly realm: string | undefined
  readonly nonce: ByteString
  readonly utf8: boolean
}

/** RFC 2831 §2.1.1: "The size of a digest-challenge MUST be less than 2048 bytes." */
const maxChallengeBytes = 2_047

/** Directives that RFC 2831 §2.1.1 allows once, in addition to those that are read below. */
const atMostOnce = ['stale', 'maxbuf', 'cipher']

/**
 * Reads a digest-challenge and settles the realm. Throws CHALLENGE_INVALID, DIGEST_QOP_UNSUPPORTED and
 * DIGEST_REALM_UNKNOWN.
 */
export function parseDigestChallenge(token: ServerToken, wantedRealm: string | undefined): DigestChallenge {
  const directives = parseDirectives(messageBytes(token, maxChallengeBytes).toString('latin1'))
  for (const name of atMostOnce) single(directives, name)
  if (single(directives, 'algorithm')?.toLowerCase() !== 'md5-sess') {
    throw invalid('The directive algorithm is not md5-sess.')
  }
  const nonce = single(directives, 'nonce')
  if (!nonce) throw invalid('The directive nonce is missing.')
  checkQop(single(directives, 'qop'))
  const utf8 = offersUtf8(single(directives, 'charset'))
  const realms = (directives.get('realm') ?? []).map((realm) => decode(realm, utf8))
  return { realm: chooseRealm(realms, wantedRealm), nonce, utf8 }
}

/** RFC 2831 §2.1.3: response-auth. The proof of the server, as it was sent. Throws CHALLENGE_INVALID. */
export function parseResponseAuth(token: ServerToken): Buffer | null {
  if (token === null || token.length === 0) return null
  const directives = parseDirectives(messageBytes(token, maxChallengeBytes).toString('latin1'))
  const rspauth = single(directives, 'rspauth')
  if (rspauth === undefined) throw invalid('The directive rspauth is missing.')
  return Buffer.from(rspauth)
}

/** RFC 2831 §2.1.1: qop-options is a list of tokens; none at all means auth. */
function checkQop(qop: ByteString | undefined): void {
  if (qop === undefined) return
  const offered = qop.toLowerCase().split(/[ \t\r\n,]/)
  if (offered.includes('auth')) return
  throw saslError('DIGEST_QOP_UNSUPPORTED', `The server offers only: ${quotable(qop)}.`, {
    details: { qop: quotable(qop) },
  })
}

/** RFC 2831 §2.1.1: the only value there is. */
function offersUtf8(charset: ByteString | undefined): boolean {
  if (charset === undefined) return false
  if (charset.toLowerCase() === 'utf-8') return true
  throw invalid('The directive charset is not utf-8.')
}

/** RFC 2831 §2.1.1: ISO 8859-1 unless the server says UTF-8. */
function decode(value: ByteString, utf8: boolean): string {
  if (!utf8) return value
  const bytes = Buffer.from(value, 'latin1')
  if (!isUtf8(bytes)) throw invalid('A realm is not UTF-8, which the server announces.')
  return bytes.toString('utf8')
}

/** Only the user can choose among several: after a wrong guess, the server gives no reason. */
function chooseRealm(offered: readonly string[], wanted: string | undefined): string | undefined {
  if (wanted !== undefined && (offered.length === 0 || offered.includes(wanted))) return wanted
  if (wanted === undefined && new Set(offered).size <= 1) return offered[0]
  const realms = offered.map((realm) => quotable(realm, 100)).join(', ')
  const problem =
    wanted === undefined
      ? `The server offers several realms: ${realms}.`
      : `The server does not offer the realm of the option; it offers: ${realms}.`
  throw saslError('DIGEST_REALM_UNKNOWN', problem, { details: { realms } })
}

function invalid(problem: string) {
  return authError('CHALLENGE_INVALID', problem)
}
