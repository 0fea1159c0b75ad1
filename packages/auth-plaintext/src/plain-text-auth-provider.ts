import type { CredentialContext, Credentials } from '@x/auth-core'
import {
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
  required,
  type Secret,
  type Spec,
  text,
} from '@x/auth-core/base'

export type { PasswordCredentials } from '@x/auth-core/base'

export interface PlainTextAuthOptions extends ProviderOptions {
  /**
   * User name and password, or where they come from: a function of the connection (address, port, authenticator),
   * synchronous or not, called for every connection.
   */
  readonly credentials: Credentials<PasswordCredentials>
  /** The role to act as (proxy login), for credentials that name none. */
  readonly authorizationId?: string | undefined
}

export const plainTextBag = optionBag('PlainTextAuthProvider', {
  ...providerOptions,
  credentials: required(credentialsOption<PasswordCredentials>()),
  authorizationId: text('the name of a role'),
} satisfies Spec<PlainTextAuthOptions>)

/**
 * Logs in with a user name and a password: PasswordAuthenticator and what is compatible with it, DseAuthenticator
 * (by its negotiation), and protocol version 1 (CREDENTIALS).
 *
 * `new PlainTextAuthProvider('user', 'password')`, as the driver's own, or
 * `new PlainTextAuthProvider({ credentials, … })`.
 *
 * Errors at construction: CREDENTIALS_INVALID for a known user name or password that is no string, is empty or
 * contains NUL; OPTION_INVALID. The password crosses the wire readable (RFC 4616): use TLS.
 */
export class PlainTextAuthProvider extends BaseAuthProvider<PasswordCredentials> {
  constructor(username: string, password: string | Secret)
  constructor(options: PlainTextAuthOptions)
  constructor(first: string | PlainTextAuthOptions, password?: string | Secret) {
    const { credentials, authorizationId, ...options } = readOptions(plainTextBag, toOptions(first, password))
    super({ ...options, credentials: actingAs(authorizationId, credentials), mechanisms: [plain] })
  }
}

function toOptions(first: string | PlainTextAuthOptions, password?: string | Secret): PlainTextAuthOptions {
  if (typeof first === 'object' && first !== null) return first
  return { credentials: { username: first, password: password as string } }
}

/** Fills in the authorizationId where the credentials do not say their own. */
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
    // What is no object shall reach the check as it is.
    return typeof answer === 'object' && answer !== null ? acting(answer) : answer
  }
}
