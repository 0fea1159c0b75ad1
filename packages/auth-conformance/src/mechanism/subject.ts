import type { Mechanism } from '@x/auth-core/base'
import type { GssapiServerOptions, ServerAuthenticator } from '@x/auth-testserver'
import type { Account } from '../subject.js'

/** The exact bytes of a login, with the time and the random numbers that it was made with. */
export interface MechanismVector {
  readonly name: string
  readonly credentials: unknown
  /** Milliseconds since the epoch. Default 0. */
  readonly now?: number
  /** The results of the calls of `context.randomBytes`, in order, in hexadecimal. Default: no call is expected. */
  readonly random?: readonly string[]
  /** The messages of the client and the challenges, in order, in hexadecimal. */
  readonly messages: readonly { readonly from: 'client' | 'server'; readonly hex: string }[]
  /** The token of the server's success, in hexadecimal; null for none. Default null. */
  readonly success?: string | null
}

/** A mechanism to be tested. Its record (`mutual`, `cleartext`, `clientFirst`) decides which clauses apply. */
export interface MechanismSubject {
  readonly kind: 'mechanism'
  readonly name: string
  readonly mechanism: Mechanism<unknown>
  /**
   * Makes an account whose secrets contain `label`. Each label is new, and has only the characters a–z and 0–9.
   * `credentials` is what `parseCredentials` takes.
   */
  account(label: string): Account
  /** Makes a server side that accepts exactly these accounts. */
  server(accounts: readonly Account[]): ServerAuthenticator
  readonly vectors?: readonly MechanismVector[]
  /**
   * Whether its logins are bound to their connection. The suite then has a connection, with the data of `tls-exporter`
   * for both sides. Default false.
   */
  readonly bound?: boolean
  /**
   * Whether it says that it could bind a login which it does not bind (`y` of RFC 5802 §6). Its `server` then supports
   * channel binding too, and so it refuses such a client. Default false.
   */
  readonly couldBind?: boolean
  /**
   * For GSSAPI: makes a server side with these offers and lies. It must come from the subject, because only the subject
   * has the keys. That of `pretendKerberos` in `@x/auth-testserver` takes these options.
   */
  gssapi?(options: GssapiServerOptions): ServerAuthenticator
}
