/** Accounts with user name and password, and with an authorization id if a reference uses a known mechanism. */
import { authError } from '@x/auth-core/base'
import { type MechanismFactory, saslAuthenticator } from '@x/auth-testserver'
import type { MechanismSubject } from '../../src/mechanism/subject.js'
import type { Account } from '../../src/subject.js'

export interface RolePassword {
  readonly username: string
  readonly password: string
  /** Empty if there is none. */
  readonly authorizationId: string
}

export function parsePassword(value: unknown): RolePassword {
  const { username, password, authorizationId = '' } = (value ?? {}) as Partial<RolePassword>
  if ([username, password, authorizationId].some((field) => typeof field !== 'string')) {
    throw authError('CREDENTIALS_INVALID')
  }
  return { username: String(username), password: String(password), authorizationId }
}

export function passwordAccount(label: string): Account<{ username: string; password: string }> {
  const [username, password] = [`user-${label}`, `pass+word/${label}?`]
  return { username, credentials: { username, password }, secrets: [password] }
}

export function usersOf(accounts: readonly Account[]): Readonly<Record<string, string>> {
  return Object.fromEntries(accounts.map(({ username, secrets }) => [username, secrets[0] ?? '']))
}

/** A mechanism that logs in with user name and password, against a server side of the testserver. */
export function passwordSubject(
  name: string,
  mechanism: unknown,
  server: (users: Readonly<Record<string, string>>) => MechanismFactory,
): MechanismSubject {
  return {
    kind: 'mechanism',
    name,
    mechanism: mechanism as MechanismSubject['mechanism'],
    account: passwordAccount,
    server: (accounts) => saslAuthenticator(server(usersOf(accounts))),
  }
}
