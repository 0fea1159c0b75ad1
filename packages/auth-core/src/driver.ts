/** The one place that touches `cassandra-driver`. */
import { auth, errors, types } from 'cassandra-driver'

export type DriverAuthProvider = auth.AuthProvider
export type DriverAuthenticator = auth.Authenticator

/**
 * The driver's runtime class: a Client accepts only instances of it, but the driver's declarations know
 * an interface of that name alone.
 */
export const DriverAuthProvider = (auth as unknown as { AuthProvider: abstract new () => auth.AuthProvider })
  .AuthProvider

/** The class that the driver itself uses for failed logins, so that `instanceof` checks in applications hold. */
export const DriverAuthenticationError = errors.AuthenticationError

/** How the driver receives a token or a failure; it never looks at a third argument. */
export type DriverCallback = (error: Error | null, token?: Buffer) => void

/** What a policy for load balancing says of a host that the client opens no connections to. */
export const ignoredDistance: number = types.distance.ignored
