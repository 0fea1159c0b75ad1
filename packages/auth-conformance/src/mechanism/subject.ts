import type { Mechanism } from '@x/auth-core/base'
import type { GssapiServerOptions, ServerAuthenticator } from '@x/auth-testserver'
import type { Account } from '../subject.js'

/** A login byte for byte, with the time and the random numbers that it was made with. */
export interface MechanismVector {
  readonly name: string
  readonly credentials: unknown
  /** Milliseconds since the epoch. Default 0. */
  readonly now?: number
  /** What the calls of `context.randomBytes` give, in order, hex. Default: no call is expected. */
  readonly random?: readonly string[]
  /** In order, hex: the client's messages and the challenges. */
  readonly messages: readonly { readonly from: 'client' | 'server'; readonly hex: string }[]
  /** Token of the server's success, hex; null for none. Default null. */
  readonly success?: string | null
}

/** A mechanism to be tested. What applies is read from its record (`mutual`, `cleartext`, `clientFirst`). */
export interface MechanismSubject {
  readonly kind: 'mechanism'
  readonly name: string
  readonly mechanism: Mechanism<unknown>
  /**
   * An account whose secrets contain `label`, which is new each time and has only the characters a–z and 0–9;
   * `credentials` is what `parseCredentials` takes.
   */
  account(label: string): Account
  /** A server side that lets exactly these accounts in. */
  server(accounts: readonly Account[]): ServerAuthenticator
  readonly vectors?: readonly MechanismVector[]
  /** Whether its logins are bound to their connection: the suite then has one, with the data of `tls-exporter` for both sides. */
  readonly bound?: boolean
  /**
   * Whether it says that it could bind a login which it does not bind (`y` of RFC 5802 §6). Its `server` has channel binding as well,
   * and so refuses who says so.
   */
  readonly couldBind?: boolean
  /**
   * For GSSAPI: a server side that offers, and lies, as a test tells it. It is the subject's, since only that has the keys; the one of
   * `pretendKerberos` in `@x/auth-testserver` takes these options.
   */
  gssapi?(options: GssapiServerOptions): ServerAuthenticator
}
