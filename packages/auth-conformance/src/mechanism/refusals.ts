import { isAuthError } from '@x/auth-core'
import { check } from '../clause.js'
import { describeValue } from '../lib/time/waiting.js'
import type { LoginReport, MechanismBench } from './bench.js'

/** A user name and a password, with the names of the credentials of `@x/auth-core`. */
export interface UserAndPassword {
  readonly username: string
  readonly password: string
}

/** Reads user name and password; undefined if the credentials are something else. */
export function userAndPassword(credentials: unknown): UserAndPassword | undefined {
  const { username, password } = (credentials ?? {}) as Record<string, unknown>
  if (typeof username !== 'string' || typeof password !== 'string') return undefined
  return { ...(credentials as object), username, password }
}

/** Checks that the mechanism ended the login with a typed error, and sent at most `messages` messages. */
export function checkRefused({ end, error, tokens }: LoginReport, messages: number, lie: string): void {
  check(end !== 'success', `${lie}: the login succeeded`)
  check(tokens.length <= messages, `${lie}: answered by message ${tokens.length}`)
  check(end === 'failed', `${lie}: the login ended ${end}, not with an error of the mechanism`)
  check(isAuthError(error), `${lie}: threw ${describeValue(error)}`)
}

/** Checks that the login succeeded, as this user or role. */
export function checkLoggedIn({ end, error, replies }: LoginReport, as: string, how: string): void {
  const last = replies.at(-1)
  const why = error ? ` with ${describeValue(error)}` : last && 'failure' in last ? `: ${last.failure}` : ''
  check(end === 'success', `${how}: the login ended ${end}${why}`)
  const name = last && 'success' in last ? last.username : undefined
  check(name === as, `${how}: logged in as ${describeValue(name)}`)
}

/** Checks that the error contains the word, in the message or the details. */
export function checkTold(error: unknown, word: string, lie: string): void {
  const { message, details } = error as { message?: string; details?: object }
  check(JSON.stringify([message, details]).includes(word), `${lie}: the error does not say ${word}`)
}

/**
 * For clauses about authorization ids. They do not apply to a mechanism that refuses them. They apply to one that
 * ignores them.
 */
export function refusesRoles({ mechanism, account }: MechanismBench): string | undefined {
  try {
    mechanism.parseCredentials({ ...(account.credentials as object), authorizationId: 'role' })
    return undefined
  } catch {
    return 'it takes no authorization id'
  }
}
