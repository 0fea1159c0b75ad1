import type { CredentialContext, Credentials } from '@x/auth-core'
import type { Mechanism, PasswordCredentials, ProviderOptions } from '@x/auth-core/base'
import type { AnonymousCredentials } from './mechanisms/anonymous.js'
import type { DigestMd5Options } from './mechanisms/digest-md5.js'
import type { ExternalCredentials } from './mechanisms/external.js'
import type { GssapiCredentials, GssapiOptions } from './mechanisms/gssapi.js'
import type { BearerCredentials, OAuthBearerOptions } from './mechanisms/oauthbearer.js'
import type { ScramName, ScramOptions } from './mechanisms/scram.js'

/** One field of the credentials: a value, or a function of the connection that gives it. */
export type Field<T> = T | ((context: CredentialContext) => T | Promise<T>)

/**
 * Credentials field by field, or as a whole: `username: 'alice', password: readPassword`, or `credentials: cached(…)`. A whole
 * can say when it expires (`expiresAt`).
 */
export type Given<C> =
  | ({ readonly [K in keyof C]: Field<C[K]> } & { readonly credentials?: undefined })
  | ({ readonly credentials: Credentials<C> } & { readonly [K in keyof C]?: undefined })

/** CRAM-MD5 can not carry an authorization id. */
export type UserPassword = Omit<PasswordCredentials, 'authorizationId'>

/** Options of providers whose mechanism lets the server prove itself. */
export interface MutualOptions {
  /**
   * `required` (default): a login succeeds only if the server proved itself. `when-sent`: also where the driver drops the
   * message that carries the proof, as it does with the data of AUTH_SUCCESS; a wrong proof is refused all the same.
   */
  readonly serverVerification?: 'required' | 'when-sent' | undefined
}

export type ScramAuthOptions = ProviderOptions &
  MutualOptions &
  ScramOptions & { readonly mechanism: ScramName } & Given<PasswordCredentials>

export type DigestMd5AuthOptions = ProviderOptions &
  MutualOptions &
  DigestMd5Options & { readonly mechanism: 'DIGEST-MD5' } & Given<PasswordCredentials>

export type GssapiAuthOptions = ProviderOptions &
  GssapiOptions & { readonly mechanism: 'GSSAPI' } & Given<GssapiCredentials>

export type CramMd5AuthOptions = ProviderOptions & { readonly mechanism: 'CRAM-MD5' } & Given<UserPassword>

export type PlainAuthOptions = ProviderOptions & { readonly mechanism: 'PLAIN' } & Given<PasswordCredentials>

export type OAuthBearerAuthOptions = ProviderOptions &
  OAuthBearerOptions & { readonly mechanism: 'OAUTHBEARER' } & Given<BearerCredentials>

export type ExternalAuthOptions = ProviderOptions & {
  readonly mechanism: 'EXTERNAL'
} & Given<ExternalCredentials>

export type AnonymousAuthOptions = ProviderOptions & {
  readonly mechanism: 'ANONYMOUS'
} & Given<AnonymousCredentials>

/** For a mechanism of your own: an object with its record and its `converse`. */
export type OwnMechanismAuthOptions = ProviderOptions &
  MutualOptions & {
    readonly mechanism: Mechanism<unknown>
    /** What the mechanism's `parseCredentials` takes, or where it comes from. Default: an empty object. */
    readonly credentials?:
      | Credentials<{ readonly [field: string]: unknown }>
      | Credentials<object>
      | undefined
  }

/** Options of SaslAuthProvider: which others there are depends on `mechanism`. */
export type SaslAuthOptions =
  | ScramAuthOptions
  | DigestMd5AuthOptions
  | GssapiAuthOptions
  | CramMd5AuthOptions
  | PlainAuthOptions
  | OAuthBearerAuthOptions
  | ExternalAuthOptions
  | AnonymousAuthOptions
  | OwnMechanismAuthOptions

type WithoutProvider<O> = O extends unknown ? Omit<O, keyof ProviderOptions | keyof MutualOptions> : never

/** One mechanism of a list: its own options and credentials. What concerns the whole login stands beside the list. */
export type SaslListEntry = WithoutProvider<SaslAuthOptions>

/**
 * Options of SaslAuthProvider with several mechanisms, in order of preference. For each connection the first is used that the
 * authenticator may take and whose credentials can be had here.
 */
export type SaslListOptions = ProviderOptions &
  MutualOptions & {
    readonly mechanisms: readonly [SaslListEntry, ...SaslListEntry[]]
    readonly mechanism?: undefined
  }
