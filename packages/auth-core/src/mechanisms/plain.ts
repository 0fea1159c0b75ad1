import { authError } from '../errors.js'
import { finish, type OneWayMechanism } from '../mechanism.js'
import { Secret } from '../secret.js'

/** User name and password. */
export interface PasswordCredentials {
  readonly username: string
  readonly password: string | Secret
  /**
   * The role to act as, if the server allows another role than the one that logs in (proxy login). Default: the role
   * that logs in.
   */
  readonly authorizationId?: string | undefined
}

interface ParsedPassword {
  readonly username: string
  readonly password: Secret
  readonly authorizationId: string
}

/** PLAIN: authorization identity, user name and password, readable by anyone who reads the connection. */
export const plain: OneWayMechanism<ParsedPassword> = {
  name: 'PLAIN',
  clientFirst: true,
  mutual: false,
  cleartext: true,
  spec: 'RFC 4616',

  parseCredentials: parsePassword,

  async *converse({ username, password, authorizationId }) {
    // RFC 4616 §2: message = [authzid] UTF8NUL authcid UTF8NUL passwd
    yield finish(password.use((text) => Buffer.from(`${authorizationId}\0${username}\0${text}`)))
  },

  protocolV1({ username, password, authorizationId }) {
    if (authorizationId !== '') return undefined
    return { username, password: password.use((text) => text) }
  },
}

function parsePassword(value: unknown): ParsedPassword {
  if (typeof value !== 'object' || value === null) {
    throw authError(
      'CREDENTIALS_INVALID',
      `Expected an object with username and password, got ${kind(value)}.`,
    )
  }
  const { username, password, authorizationId } = value as Record<string, unknown>
  const secret = Secret.is(password) ? password : new Secret(password as string)
  checkText('username', username)
  secret.use((text) => checkText('password', text))
  // An empty text usually comes from a variable that nobody has set. It would mean a login without another role, so it
  // is refused.
  if (authorizationId !== undefined) checkText('authorizationId', authorizationId)
  return {
    username: username as string,
    password: secret as Secret,
    authorizationId: (authorizationId ?? '') as string,
  }
}

/** RFC 4616 §2: each part has at least one character, none of them NUL; a lone surrogate has no UTF-8 form. */
function checkText(field: string, value: unknown): void {
  if (typeof value !== 'string') throw invalid(field, `is not a string but ${kind(value)}`)
  if (value === '') throw invalid(field, 'is empty')
  if (value.includes('\0')) throw invalid(field, 'contains a NUL character')
  if (!value.isWellFormed()) throw invalid(field, 'contains half a surrogate pair, which has no UTF-8 form')
}

function invalid(field: string, problem: string) {
  return authError('CREDENTIALS_INVALID', `The ${field} ${problem}.`)
}

function kind(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : typeof value
}
