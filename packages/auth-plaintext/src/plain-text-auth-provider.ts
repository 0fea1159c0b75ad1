import type { CredentialContext, Credentials } from '@x/auth-core'
import {
  authError,
  BaseAuthProvider,
  credentialsOption,
  credentialsSnapshot,
  definedIn,
  optionBag,
  type PasswordCredentials,
  type ProviderOptions,
  plain,
  providerOptions,
  readOptions,
  refuseMore,
  type Secret,
  type Spec,
  some,
  text,
} from '@x/auth-core/base'

export type { PasswordCredentials } from '@x/auth-core/base'

export interface PlainTextAuthOptions extends ProviderOptions {
  /**
   * User name and password, or where they come from: a function of the connection (address, port, authenticator),
   * synchronous or not, called for every connection. Not together with `username` and `password`.
   */
  readonly credentials?: Credentials<PasswordCredentials> | undefined
  /** The user name, with `password`, if both are known: short for `credentials: { username, password }`. */
  readonly username?: string | undefined
  readonly password?: string | Secret | undefined
  /** The role to act as (proxy login), for credentials that name none. */
  readonly authorizationId?: string | undefined
}

export const plainTextBag = optionBag('PlainTextAuthProvider', {
  ...providerOptions,
  credentials: credentialsOption<PasswordCredentials>(),
  // Only the mechanism defines what a user name and a password must be.
  username: some<string>('a user name', (value) => value !== null),
  password: some<string | Secret>('a password', (value) => value !== null),
  authorizationId: text('the name of a role'),
} satisfies Spec<PlainTextAuthOptions>)

/**
 * Logs in with a user name and a password: PasswordAuthenticator and compatible ones, DseAuthenticator (by its
 * negotiation), and protocol version 1 (CREDENTIALS).
 *
 * `new PlainTextAuthProvider('user', 'password')`, as the driver's own,
 * `new PlainTextAuthProvider({ username, password, … })` or `new PlainTextAuthProvider({ credentials, … })`.
 *
 * Errors at construction: OPTIONS_CONTRADICT for both of the last two; CREDENTIALS_INVALID for a known user name or password that is not a string, is empty or
 * contains NUL; OPTION_INVALID. The password crosses the wire readable (RFC 4616): use TLS.
 */
export class PlainTextAuthProvider extends BaseAuthProvider<PasswordCredentials> {
  constructor(username: string, password: string | Secret)
  constructor(options: PlainTextAuthOptions)
  constructor(first: string | PlainTextAuthOptions, ...more: readonly unknown[]) {
    const { credentials, username, password, authorizationId, ...options } = readOptions(
      plainTextBag,
      toOptions(first, more),
    )
    const known = credentialsOf(credentials, username, password)
    super({ ...options, credentials: actingAs(authorizationId, known), mechanisms: [plain] })
  }
}

/** One of the two ways to say them. */
function credentialsOf(
  credentials: Credentials<PasswordCredentials> | undefined,
  username: string | undefined,
  password: string | Secret | undefined,
): Credentials<PasswordCredentials> {
  const spelled = username !== undefined || password !== undefined
  if (credentials !== undefined && spelled) {
    throw authError(
      'OPTIONS_CONTRADICT',
      'PlainTextAuthProvider takes either credentials, or username and password.',
    )
  }
  if (credentials !== undefined) return credentials
  if (!spelled)
    throw authError('OPTION_INVALID', 'PlainTextAuthProvider needs username and password, or credentials.')
  // If one is missing, the mechanism refuses it by its name.
  return { username: username as string, password: password as string }
}

const takes = 'a user name and a password, or one object with options'

function toOptions(
  first: string | PlainTextAuthOptions,
  [password, ...more]: readonly unknown[],
): PlainTextAuthOptions {
  const isOptions = typeof first === 'object' && first !== null
  refuseMore('PlainTextAuthProvider', isOptions ? [password, ...more] : more, takes)
  if (isOptions) return first
  if (typeof first !== 'string' && password === undefined) {
    throw authError('OPTION_INVALID', `PlainTextAuthProvider takes ${takes}.`)
  }
  return { credentials: { username: first, password: password as string } }
}

/** Fills in the authorizationId if the credentials have none. */
function actingAs(
  authorizationId: string | undefined,
  credentials: Credentials<PasswordCredentials>,
): Credentials<PasswordCredentials> {
  if (authorizationId === undefined) return credentials
  const acting = (given: PasswordCredentials) => ({
    authorizationId,
    ...(definedIn(credentialsSnapshot(given)) as PasswordCredentials),
  })
  if (typeof credentials !== 'function') return acting(credentials)
  return async (context: CredentialContext) => {
    const answer = await credentials(context)
    // What is not an object must reach the check unchanged.
    return typeof answer === 'object' && answer !== null ? acting(answer) : answer
  }
}
