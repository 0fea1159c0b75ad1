import { isAuthError } from '@x/auth-core'
import { check } from '../clause.js'
import { describeValue } from '../lib/time/waiting.js'
import type { LoginReport, MechanismBench } from './bench.js'

/** A user name and a password, as the credentials of `@x/auth-core` call them. */
export interface UserAndPassword {
  readonly username: string
  readonly password: string
}

/** Undefined if the credentials are something else. */
export function userAndPassword(credentials: unknown): UserAndPassword | undefined {
  const { username, password } = (credentials ?? {}) as Record<string, unknown>
  if (typeof username !== 'string' || typeof password !== 'string') return undefined
  return { ...(credentials as object), username, password }
}

/** The mechanism ended the login by a typed error, after it sent `messages` messages and nothing else. */
export function checkRefused({ end, error, tokens }: LoginReport, messages: number, lie: string): void {
  check(end !== 'success', `${lie}: the login succeeded`)
  check(tokens.length <= messages, `${lie}: answered by message ${tokens.length}`)
  check(end === 'failed', `${lie}: the login ended ${end}, not with an error of the mechanism`)
  check(isAuthError(error), `${lie}: threw ${describeValue(error)}`)
}

/** The login succeeded, as this user or role. */
export function checkLoggedIn({ end, error, replies }: LoginReport, as: string, how: string): void {
  const last = replies.at(-1)
  const why = error ? ` with ${describeValue(error)}` : last && 'failure' in last ? `: ${last.failure}` : ''
  check(end === 'success', `${how}: the login ended ${end}${why}`)
  const name = last && 'success' in last ? last.username : undefined
  check(name === as, `${how}: logged in as ${describeValue(name)}`)
}

/** The word stands where a user looks: in the message or the details. */
export function checkTold(error: unknown, word: string, lie: string): void {
  const { message, details } = error as { message?: string; details?: object }
  check(JSON.stringify([message, details]).includes(word), `${lie}: the error does not say ${word}`)
}

/** For clauses about authorization ids. A mechanism that says that it takes none is not asked for it; one that swallows it is. */
export function refusesRoles({ mechanism, account }: MechanismBench): string | undefined {
  try {
    mechanism.parseCredentials({ ...(account.credentials as object), authorizationId: 'role' })
    return undefined
  } catch {
    return 'it takes no authorization id'
  }
}
