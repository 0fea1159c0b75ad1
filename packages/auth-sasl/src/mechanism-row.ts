import type { CredentialContext, Credentials } from '@x/auth-core'
import type { Mechanism, OptionBag, PasswordCredentials, ProviderOptions, Spec } from '@x/auth-core/base'

/**
 * What is needed to make a provider from a mechanism; it is in the mechanism's own file. `N`: its IANA name, `C`: its
 * credentials, `O`: its options, `P`: options of a provider with it, in addition to those of all providers.
 */
export interface MechanismRow<
  N extends string = string,
  C extends object = object,
  O extends object = object,
  P extends object = object,
> {
  readonly name: N
  /** The fields of its credentials. */
  readonly credentials: { readonly [K in keyof C]-?: true }
  /** What its factory takes. */
  readonly options: OptionBag<Spec<O>>
  /** The options of a provider that mean something for mechanisms of this kind alone. */
  readonly provider: { readonly [K in keyof P]-?: true }
  /** Makes a mechanism for one provider. It does not share with others what it keeps between logins. */
  create(options?: O): Mechanism<unknown>
}

/** Options of providers whose mechanism may get the server's proof together with its success. */
export interface ServerVerificationOptions {
  /**
   * `required` (default): a login succeeds only if the server proved itself. `when-sent`: also if the driver drops the
   * message with the proof, as it does with the data of AUTH_SUCCESS. A wrong proof is still refused.
   */
  readonly serverVerification?: 'required' | 'when-sent' | undefined
}

/** One field of the credentials: a value, or a function of the connection that gives it. */
export type Field<T> = T | ((context: CredentialContext) => T | Promise<T>)

/**
 * Credentials field by field, or as a whole: `username: 'alice', password: readPassword`, or `credentials: cached(…)`.
 * Only a whole can have `expiresAt`.
 */
export type Given<C> =
  | ({ readonly [K in keyof C]: Field<C[K]> } & { readonly credentials?: undefined })
  | ({ readonly credentials: Credentials<C> } & { readonly [K in keyof C]?: undefined })

/** The options of SaslAuthProvider with this mechanism. */
export type AuthOptionsOf<R> =
  R extends MechanismRow<infer N, infer C, infer O, infer P>
    ? ProviderOptions & P & O & { readonly mechanism: N } & Given<C>
    : never

/** The fields of a login with a password. */
export const passwordFields = {
  username: true,
  password: true,
  authorizationId: true,
} as const satisfies MechanismRow<string, PasswordCredentials>['credentials']
