import { randomBytes } from 'node:crypto'
import type { Reply, ServerAuthenticator, ServerExchange } from '../authenticator.js'
import { classNameOption } from '../lib/options/common-options.js'
import {
  callback,
  duration,
  initially,
  optionBag,
  type Read,
  readOptions,
  refuseMore,
  required,
  type Spec,
  some,
  text,
} from '../lib/options/option-spec.js'
import { type SigV4Key, type SigV4KeyStore, sameText } from './key-store.js'
import { expectedSignature } from './signature.js'

/** Options of `sigV4Authenticator`. */
export interface SigV4AuthenticatorOptions {
  /** The access keys and sessions that may log in. */
  keys: SigV4KeyStore
  /** The region that signatures must be for, exactly in this spelling. */
  region: string
  /** The server's time, in milliseconds since the epoch. Default `Date.now`. */
  now?: (() => number) | undefined
  /** How much the time of a signature may differ from the server's, in milliseconds. Default 900,000. */
  toleranceMs?: number | undefined
  /** The bytes of the challenge. Default `nonce=` and the nonce of 32 characters. */
  challenge?: ((nonce: string) => Uint8Array | null) | undefined
  /** Class name sent in AUTHENTICATE. Default `com.amazon.helenus.auth.HelenusAuthenticator`. */
  className?: string | undefined
}

export const sigV4AuthenticatorBag = optionBag('sigV4Authenticator', {
  keys: required(
    some<SigV4KeyStore>(
      'a SigV4KeyStore',
      (value) => typeof (value as SigV4KeyStore | null)?.find === 'function',
    ),
  ),
  region: required(text('the name of a region')),
  now: initially(Date.now, callback<() => number>(), 'The clock of this machine.', '`Date.now`'),
  toleranceMs: initially(
    900_000,
    duration({ min: 0, max: 2 ** 31 - 1 }),
    'The same as AWS: fifteen minutes.',
  ),
  challenge: initially(
    (nonce) => Buffer.from(`nonce=${nonce}`),
    callback<NonNullable<SigV4AuthenticatorOptions['challenge']>>(),
    'As Amazon Keyspaces.',
    '`nonce=` and the nonce',
  ),
  className: initially(
    'com.amazon.helenus.auth.HelenusAuthenticator',
    classNameOption,
    'As Amazon Keyspaces.',
  ),
} satisfies Spec<SigV4AuthenticatorOptions>)

type CheckedOptions = Read<typeof sigV4AuthenticatorBag.options>

type Failure = Extract<Reply, { failure: string }>

const firstMessage = Buffer.from('SigV4\0\0')

/** Only the form of `toISOString`: "….1000Z" is not a time. */
const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/**
 * Amazon Keyspaces' login with SigV4: it sends a nonce, verifies the signature with the keys of a store, and refuses
 * with the texts of AWS's services. The texts of Keyspaces itself are not documented.
 */
export function sigV4Authenticator(given: SigV4AuthenticatorOptions): ServerAuthenticator
export function sigV4Authenticator(
  given: SigV4AuthenticatorOptions,
  ...more: readonly unknown[]
): ServerAuthenticator {
  refuseMore('sigV4Authenticator', more)
  const options = readOptions(sigV4AuthenticatorBag, given)
  return {
    name: options.className,
    newExchange: () => newExchange(options),
  }
}

function newExchange(options: CheckedOptions): ServerExchange {
  const nonce = randomBytes(16).toString('hex')
  let asked = false
  return {
    respond(token) {
      if (asked) return verify(options, nonce, token)
      asked = true
      if (token === null || !firstMessage.equals(token)) return { failure: 'Unsupported SASL mechanism' }
      return { challenge: options.challenge(nonce) }
    },
  }
}

function verify(options: CheckedOptions, nonce: string, token: Uint8Array | null): Reply {
  const { keys, region, now, toleranceMs } = options
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
