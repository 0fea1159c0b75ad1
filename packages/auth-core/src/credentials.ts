import type { AuthError } from './errors.js'

/** What a credential source learns of the connection that it is asked for. A wrapper passes it on unchanged. */
export interface CredentialContext {
  /** `ip:port`, as the driver writes it. */
  readonly endpoint: string
  readonly address: string
  readonly port: number
  /** The class name that the server sent in AUTHENTICATE. */
  readonly authenticator: string
  /** Aborted when nobody waits for the answer any more: the deadline has passed. */
  readonly signal: AbortSignal
  /** An earlier answer seems to have been refused by the server: ask where it comes from, no cache of your own. */
  readonly forceRefresh?: boolean | undefined
  /** Beside `forceRefresh`: how that login ended, where it is known. What the server said is in it, so believe it of nothing. */
  readonly refusal?: AuthError | undefined
  /** Whether a refusal of this login would be reported to its observers: its connection can be seen. */
  readonly seesRefusals?: boolean | undefined
  /** Tells anyone who gave the credentials what becomes of this login; absent where nobody logs in. */
  readonly observeLogin?: ((observer: LoginObserver) => void) | undefined
  /** Tells a cache how it can see that the answer is out of date; absent where nobody keeps the answer. */
  readonly watch?: ((watch: SourceWatch) => void) | undefined
}

/**
 * `sent`: the first token was handed to the driver. `success`: the server accepted the login. `refused`: the server
 * refused these credentials, with `error`; `failure`: it ended otherwise, with `error`. A refusal is reported only where
 * the connection can be seen (`seesRefusals`), for the driver tells it to no provider: elsewhere such a login is `sent` and then, for as
 * long as the deadline, nothing. One of the three is the last word about a login.
 */
export type LoginProgress = 'sent' | 'success' | 'refused' | 'failure'

/** Called synchronously, so it should be quick; what it throws is swallowed. */
export type LoginObserver = (progress: LoginProgress, error?: AuthError) => void

/** A cheap question whether the answer of a source has changed. */
export interface SourceWatch {
  /** Whether what the source would answer now may differ from its answer; a rejection says yes. */
  changed(): boolean | Promise<boolean>
  /** How often to ask, while the answer is in use. */
  readonly everyMs: number
}

/** Credentials of a mechanism, with the time from which they must not be sent any more. */
export type Expiring<C> = C & { readonly expiresAt?: Date }

/**
 * Where credentials come from: called for every connection (wrap it with `cached` to share an answer). Throw or reject
 * with CREDENTIALS_NOT_CONFIGURED (see `authError`) to say "not here, ask elsewhere"; anything else says "broken".
 */
export type CredentialSource<C> = (context: CredentialContext) => Expiring<C> | Promise<Expiring<C>>

/** Credentials as an option: a value, or a source. */
export type Credentials<C> = Expiring<C> | CredentialSource<C>
