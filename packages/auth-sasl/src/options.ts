import type { Credentials } from '@x/auth-core'
import type { Mechanism, ProviderOptions } from '@x/auth-core/base'
import type { AuthOptionsOf, ServerVerificationOptions } from './mechanism-row.js'
import type { MechanismRows, SaslMechanismName } from './registry.js'

/** Options of SaslAuthProvider with a mechanism of this package, by its name. */
export type SaslOptionsOf<N extends SaslMechanismName> = { [K in N]: AuthOptionsOf<MechanismRows[K]> }[N]

/** For a mechanism of your own: an object with its record and its `converse`. */
export type OwnMechanismAuthOptions = ProviderOptions &
  ServerVerificationOptions & {
    readonly mechanism: Mechanism<unknown>
    /** What the mechanism's `parseCredentials` takes, or where it comes from. Default: an empty object. */
    readonly credentials?:
      | Credentials<{ readonly [field: string]: unknown }>
      | Credentials<object>
      | undefined
  }

/** Options of SaslAuthProvider: which others there are depends on `mechanism`. */
export type SaslAuthOptions = SaslOptionsOf<SaslMechanismName> | OwnMechanismAuthOptions

type WithoutProvider<O> = O extends unknown
  ? Omit<O, keyof ProviderOptions | keyof ServerVerificationOptions>
  : never

/** One mechanism of a list: its own options and credentials. Options of the whole login stand outside the list. */
export type SaslListEntry = WithoutProvider<SaslAuthOptions>

/**
 * Options of SaslAuthProvider with several mechanisms, in order of preference. Each connection uses the first one that
 * the authenticator may accept and that has credentials here.
 */
export type SaslListOptions = ProviderOptions &
  ServerVerificationOptions & {
    readonly mechanisms: readonly [SaslListEntry, ...SaslListEntry[]]
    /**
     * Whether the class name that a server sends, or a KDC's error, may lead past a mechanism that keeps the secret off the wire to
     * one that sends it readable. Default false: DOWNGRADE_REFUSED.
     */
    readonly allowDowngradeToCleartext?: boolean | undefined
    readonly mechanism?: undefined
  }
