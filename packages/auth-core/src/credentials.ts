/** What a credential source learns of the connection that it is asked for. */
export interface CredentialContext {
  /** `ip:port`, as the driver writes it. */
  readonly endpoint: string
  readonly address: string
  readonly port: number
  /** The class name that the server sent in AUTHENTICATE. */
  readonly authenticator: string
  /** Aborted when nobody waits for the answer any more: the deadline has passed. */
  readonly signal: AbortSignal
}

/** Credentials of a mechanism, with the time from which they must not be sent any more. */
export type Expiring<C> = C & { readonly expiresAt?: Date }

/**
 * Where credentials come from: called for every connection (wrap it to share an answer). Throw or reject with
 * CREDENTIALS_NOT_CONFIGURED (see `authError`) to say "not here, ask elsewhere"; anything else says "broken".
 */
export type CredentialSource<C> = (context: CredentialContext) => Expiring<C> | Promise<Expiring<C>>

/** Credentials as an option: a value, or a source. */
export type Credentials<C> = Expiring<C> | CredentialSource<C>
