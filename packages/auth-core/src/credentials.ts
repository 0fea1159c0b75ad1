import type { AuthError } from './errors.js'

/** What a credential source knows about the connection that needs the credentials. A wrapper passes it on unchanged. */
export interface CredentialContext {
  /** `ip:port`, as the driver writes it. */
  readonly endpoint: string
  readonly address: string
  readonly port: number
  /** The class name that the server sent in AUTHENTICATE. */
  readonly authenticator: string
  /** Aborted when nobody waits for the answer any more, because the deadline has passed. */
  readonly signal: AbortSignal
  /** A server seems to have refused an earlier answer: ask the origin, not a cache of your own. */
  readonly forceRefresh?: boolean | undefined
  /** With `forceRefresh`: how that login ended, if it is known. It has words of the server, so do not trust it. */
  readonly refusal?: AuthError | undefined
  /** Whether observers of this login learn of a refusal. They do if its connection can be seen. */
  readonly seesRefusals?: boolean | undefined
  /** Register here to learn how this login ends; absent if nobody logs in. */
  readonly observeLogin?: ((observer: LoginObserver) => void) | undefined
  /** Tells a cache how to see that the answer is out of date; absent if nobody keeps the answer. */
  readonly watch?: ((watch: SourceWatch) => void) | undefined
}

/**
 * `sent`: the first token was handed to the driver. `success`: the server accepted the login. `refused`: the server
 * refused these credentials, with `error`; `failure`: it ended otherwise, with `error`. A refusal by the server's ERROR is reported
 * only if the connection can be seen (`seesRefusals`), because the driver does not tell a provider about it. Otherwise such a
 * login is `sent`, and nothing follows until the deadline. A mechanism may read a refusal in a challenge: that is always reported. `success`, `refused` or `failure` is the last report of a
 * login.
 */
export type LoginProgress = 'sent' | 'success' | 'refused' | 'failure'

/** Called synchronously, so it should be quick. What it throws is ignored. */
export type LoginObserver = (progress: LoginProgress, error?: AuthError) => void

/** A cheap question whether the answer of a source has changed. */
export interface SourceWatch {
  /** Whether the source may have another answer now; a rejection means yes. */
  changed(): boolean | Promise<boolean>
  /** How often to ask, while the answer is in use. */
  readonly everyMs: number
}

/** Credentials of a mechanism, and when they expire: from then on they must not be sent. */
export type Expiring<C> = C & { readonly expiresAt?: Date }

/**
 * Where credentials come from: called for every connection (wrap it with `cached` to share an answer). Throw or reject
 * with CREDENTIALS_NOT_CONFIGURED (see `authError`) to say "not here, ask elsewhere"; anything else says "broken".
 */
export type CredentialSource<C> = (context: CredentialContext) => Expiring<C> | Promise<Expiring<C>>

/** Credentials as an option: a value, or a source. */
export type Credentials<C> = Expiring<C> | CredentialSource<C>
