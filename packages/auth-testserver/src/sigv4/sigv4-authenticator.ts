import { randomBytes } from 'node:crypto'
import type { Reply, ServerAuthenticator, ServerExchange } from '../authenticator.js'
import { type SigV4Key, type SigV4KeyStore, sameText } from './key-store.js'
import { expectedSignature } from './signature.js'

/** Options of `sigV4Authenticator`. */
export interface SigV4AuthenticatorOptions {
  keys: SigV4KeyStore
  /** The region that signatures must be for, as written there; a client may sign another case of it. */
  region: string
  /** The server's time, in milliseconds since the epoch. Default `Date.now`. */
  now?: () => number
  /** How far the time of a signature may be from the server's. Default 900,000. */
  toleranceMs?: number
  /** The bytes of the challenge, for a server that sends another. Default `nonce=` and the nonce of 32 characters. */
  challenge?: (nonce: string) => Uint8Array | null
  /** Class name sent in AUTHENTICATE. Default `com.amazon.helenus.auth.HelenusAuthenticator`. */
  className?: string
}

type Failure = Extract<Reply, { failure: string }>

const firstMessage = Buffer.from('SigV4\0\0')

/** `toISOString` and nothing else: "….1000Z" is no time. */
const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/**
 * Amazon Keyspaces' login by SigV4: it sends a nonce, verifies the signature against a store of keys, and refuses in
 * the words of AWS's services. What Keyspaces itself says to a refused client is not documented.
 */
export function sigV4Authenticator(options: SigV4AuthenticatorOptions): ServerAuthenticator {
  return {
    name: options.className ?? 'com.amazon.helenus.auth.HelenusAuthenticator',
    newExchange: () => newExchange(options),
  }
}

function newExchange(options: SigV4AuthenticatorOptions): ServerExchange {
  const nonce = randomBytes(16).toString('hex')
  let asked = false
  return {
    respond(token) {
      if (asked) return verify(options, nonce, token)
      asked = true
      if (token === null || !firstMessage.equals(token)) return { failure: 'Unsupported SASL mechanism' }
      const { challenge = (text: string) => Buffer.from(`nonce=${text}`) } = options
      return { challenge: challenge(nonce) }
    },
  }
}

function verify(options: SigV4AuthenticatorOptions, nonce: string, token: Uint8Array | null): Reply {
  const { keys, region, now = Date.now, toleranceMs = 900_000 } = options
  const fields = parseAnswer(token)
  if (!fields) return { failure: 'Malformed SigV4 response' }
  const { signature, access_key: accessKeyId, amzdate: amzDate, session_token: sessionToken } = fields

  const key = keys.find(accessKeyId)
  if (!key) return { failure: 'The security token included in the request is invalid.' }
  const late = checkTime(amzDate, now(), toleranceMs) ?? checkSession(key, sessionToken, now())
  if (late) return late

  const { secretAccessKey, principal = `arn:aws:iam::123456789012:user/${accessKeyId}` } = key
  const login = { accessKeyId, secretAccessKey, region, amzDate, nonce: Buffer.from(nonce) }
  if (sameText(signature, expectedSignature(login))) return { success: null, username: principal }
  return {
    failure:
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
  }
}

interface Answer {
  signature: string
  access_key: string
  amzdate: string
  session_token?: string
}

/** `signature=…,access_key=…,amzdate=…[,session_token=…]`, in this order, each once. */
function parseAnswer(token: Uint8Array | null): Answer | undefined {
  if (token === null) return undefined
  const names = ['signature', 'access_key', 'amzdate', 'session_token']
  const parts = Buffer.from(token).toString('utf8').split(',')
  const fields: Record<string, string> = {}
  for (const [index, part] of parts.entries()) {
    const [, name, value] = /^(\w+)=(.+)$/s.exec(part) ?? []
    if (value === undefined || name === undefined || name !== names[index]) return undefined
    fields[name] = value
  }
  if (parts.length < 3 || !/^[0-9a-f]{64}$/.test(fields['signature'] ?? '')) return undefined
  return timeForm.test(fields['amzdate'] ?? '') ? (fields as unknown as Answer) : undefined
}

function checkTime(amzDate: string, now: number, toleranceMs: number): Failure | undefined {
  const signedAt = Date.parse(amzDate)
  const minutes = Math.round(toleranceMs / 60_000)
  const times = (limit: number) =>
    `${new Date(limit).toISOString()} (${new Date(now).toISOString()} ${limit < now ? '-' : '+'} ${minutes} min.)`
  if (Number.isNaN(signedAt)) return { failure: 'Malformed SigV4 response' }
  if (signedAt < now - toleranceMs) {
    return { failure: `Signature expired: ${amzDate} is now earlier than ${times(now - toleranceMs)}` }
  }
  if (signedAt > now + toleranceMs) {
    return {
      failure: `Signature not yet current: ${amzDate} is still later than ${times(now + toleranceMs)}`,
    }
  }
  return undefined
}

function checkSession(key: SigV4Key, sessionToken: string | undefined, now: number): Failure | undefined {
  if (!sameText(key.sessionToken ?? '', sessionToken ?? '')) {
    return { failure: 'The security token included in the request is invalid.' }
  }
  if (key.expiration && key.expiration.getTime() <= now) {
    return { failure: 'The security token included in the request is expired' }
  }
  return undefined
}
