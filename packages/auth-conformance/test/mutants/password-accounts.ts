/** Accounts with user name, password and authorization id, for the references that speak a known mechanism. */
import { authError } from '@x/auth-core'
import type { Account } from '../../src/subject.js'

export interface RolePassword {
  readonly username: string
  readonly password: string
  /** Empty where there is none. */
  readonly authorizationId: string
}

export function parsePassword(value: unknown): RolePassword {
  const { username, password, authorizationId = '' } = (value ?? {}) as Partial<RolePassword>
  if ([username, password, authorizationId].some((field) => typeof field !== 'string')) {
    throw authError('CREDENTIALS_INVALID')
  }
  return { username: String(username), password: String(password), authorizationId }
}

export function passwordAccount(label: string): Account {
  const [username, password] = [`user-${label}`, `pass+word/${label}?`]
  return { username, credentials: { username, password }, secrets: [password] }
}

export function usersOf(accounts: readonly Account[]): Readonly<Record<string, string>> {
  return Object.fromEntries(accounts.map(({ username, secrets }) => [username, secrets[0] ?? '']))
}
