import type { Credentials } from '../../credentials.js'
import type { Mechanism } from '../../mechanism.js'

/** A mechanism, and what it logs in with. */
export interface Choice {
  readonly mechanism: Mechanism<unknown>
  readonly credentials: Credentials<unknown>
}

/** What may be tried with an authenticator, in this order; throws if there is nothing. */
export type Choose = (authenticator: string) => readonly Choice[]
