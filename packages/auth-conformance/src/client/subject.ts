import type { DriverAuthProvider } from '@x/auth-core/base'
import type { ClientOptions } from 'cassandra-driver'

/** One row of a routing table, as it is given; a test may give what is none. */
export interface GivenRoute {
  readonly authenticator?: unknown
  readonly provider: DriverAuthProvider
}

/** One provider for two ways to log in, of which one ends at runtime: as `migrate` returns it. */
export interface GivenMigration extends DriverAuthProvider {
  closeOldWay(): void
  reopenOldWay(): void
}

/** A check of a client's options as a whole, with its defaults: `secureClientOptions`, or somebody else's. */
export interface ClientSubject {
  readonly kind: 'client'
  readonly name: string
  /** Returns the options to make a Client of, or throws. */
  judge(options: ClientOptions): ClientOptions
  /**
   * One provider for several authenticators, each with a provider of its own; throws what it refuses. Absent: it has none.
   */
  route?(routes: readonly GivenRoute[]): DriverAuthProvider
  /** One provider for an old way and a new one; throws what it refuses. Absent: it has none. */
  migrate?(oldWay: GivenRoute, newWay: GivenRoute): GivenMigration
}
