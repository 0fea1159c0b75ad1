import { createHash, timingSafeEqual } from 'node:crypto'
import type { Reply, ServerAuthenticator } from './authenticator.js'
import { lookUp } from './lib/look-up.js'
import { classNameOption, tableOption } from './lib/options/common-options.js'
import {
  initially,
  optionBag,
  readOptions,
  refuseMore,
  required,
  type Spec,
} from './lib/options/option-spec.js'

/** User names and passwords. If you change the object or Map, the next login sees the change. */
export type Users = Readonly<Record<string, string>> | ReadonlyMap<string, string>

/** Options of `passwordAuthenticator`. */
export interface PasswordAuthenticatorOptions {
  /** The users who may log in. */
  users: Users
  /** Class name sent in AUTHENTICATE. Default `org.apache.cassandra.auth.PasswordAuthenticator`. */
  className?: string | undefined
}

export const passwordAuthenticatorBag = optionBag('passwordAuthenticator', {
  users: required(tableOption),
  className: initially(
    'org.apache.cassandra.auth.PasswordAuthenticator',
    classNameOption,
    "Cassandra's own.",
  ),
} satisfies Spec<PasswordAuthenticatorOptions>)

/**
 * Cassandra's PasswordAuthenticator, with its answers and texts: SASL PLAIN in one AUTH_RESPONSE, or CREDENTIALS in
 * protocol v1. The authorization id is read and ignored, as in Cassandra.
 */
export function passwordAuthenticator(options: PasswordAuthenticatorOptions): ServerAuthenticator
export function passwordAuthenticator(
  options: PasswordAuthenticatorOptions,
  ...more: readonly unknown[]
): ServerAuthenticator {
  refuseMore('passwordAuthenticator', more)
  const { users, className } = readOptions(passwordAuthenticatorBag, options)
  return {
    name: className,
    newExchange: () => ({
      respond: (token) => respondToPlain(users, token),
      credentials: (credentials) => checkCredentials(users, credentials),
    }),
  }
}

function respondToPlain(users: Users, token: Uint8Array | null): Reply {
  const parts = splitPlain(token)
  return 'failure' in parts ? parts : authenticate(users, parts.username, parts.password)
}

/** The parts of a PLAIN message. */
export interface PlainParts {
  authorizationId: string
  username: string
  password: string
}

/** Splits a PLAIN message in the way of PasswordAuthenticator.decodeCredentials, with the same error texts. */
export function splitPlain(token: Uint8Array | null): PlainParts | Extract<Reply, { failure: string }> {
  // Cassandra's AuthResponse.decode calls remaining() on a null buffer.
  if (token === null) return { failure: 'java.lang.NullPointerException', code: 0x0000 }
  // It reads from the end: password, then user name. Everything before them is the authorization id.
  const fields = split(token)
  if (fields.length > 3) {
    return {
      failure: 'Credential format error: username or password is empty or contains NUL(\\0) character',
    }
  }
  const password = fields.length > 1 ? fields.at(-1) : undefined
  const username = fields.length > 2 ? fields.at(-2) : undefined
  if (password === undefined || password.length === 0) return { failure: 'Password must not be null' }
  if (username === undefined || username.length === 0)
    return { failure: 'Authentication ID must not be null' }
  const [authorizationId = ''] = fields.map(String)
  return { authorizationId, username: username.toString('utf8'), password: password.toString('utf8') }
}

/** Cassandra's legacyAuthenticate: the same for the map of CREDENTIALS. */
function checkCredentials(users: Users, credentials: ReadonlyMap<string, string>): Reply {
  const username = credentials.get('username')
  if (username === undefined) return { failure: "Required key 'username' is missing" }
  const password = credentials.get('password')
  if (password === undefined) {
    return { failure: `Required key 'password' is missing for provided username ${username}` }
  }
  return authenticate(users, username, password)
}

/** Compares digests, so that neither time nor length shows how much of a password was right. */
export function authenticate(users: Users, username: string, password: string): Reply {
  const known = lookUp(users, username)
  const equal = timingSafeEqual(digest(known ?? ''), digest(password))
  if (known !== undefined && equal) return { success: null, username }
  return { failure: `Provided username ${username} and/or password are incorrect` }
}

function digest(password: string): Buffer {
  return createHash('sha256').update(password, 'utf8').digest()
}

function split(token: Uint8Array): Buffer[] {
  const fields: Buffer[] = []
  let start = 0
  const bytes = Buffer.from(token)
  for (;;) {
    const end = bytes.indexOf(0, start)
    if (end < 0) break
    fields.push(bytes.subarray(start, end))
    start = end + 1
  }
  return [...fields, bytes.subarray(start)]
}
