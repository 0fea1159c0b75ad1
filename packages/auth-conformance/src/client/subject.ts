import type { DriverAuthProvider } from '@x/auth-core/base'
import type { ClientOptions } from 'cassandra-driver'

/** One row of a routing table. A test may give a wrong one. */
export interface GivenRoute {
  readonly authenticator?: unknown
  readonly provider: DriverAuthProvider
}

/** One provider for two ways to log in; the old one ends at runtime, as with `migrate`. */
export interface GivenMigration extends DriverAuthProvider {
  closeOldWay(): void
  reopenOldWay(): void
}

/** A check of all options of a client, with its defaults: `secureClientOptions`, or another one. */
export interface ClientSubject {
  readonly kind: 'client'
  readonly name: string
  /** Returns the options to make a Client of, or throws. */
  judge(options: ClientOptions): ClientOptions
  /**
   * Makes one provider for several authenticators, each with its own provider. Throws if it refuses them. Absent: it
   * cannot do this.
   */
  route?(routes: readonly GivenRoute[]): DriverAuthProvider
  /** Makes one provider for an old way and a new one. Throws if it refuses them. Absent: it cannot do this. */
  migrate?(oldWay: GivenRoute, newWay: GivenRoute): GivenMigration
}
