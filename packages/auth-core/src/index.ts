/**
 * For applications: checks of a client, errors, routing, credential sources. What providers and mechanisms are made of
 * is in `@x/auth-core/base`; a name stands in one of the two, except `isAuthError` and `Secret`, which both need.
 */
export { adaptTo, type DriverModule } from './adapt-to.js'
export { assertAuthenticated, type ConnectedClient } from './assert-authenticated.js'
export { type AskingClient, assertNotAnonymous } from './assert-not-anonymous.js'
export type { AuthenticatorPattern } from './authenticator-pattern.js'
export { type CertificateAuthOptions, CertificateAuthProvider } from './certificate-auth-provider.js'
export type { Clock, Timer } from './clock.js'
export type { CredentialContext, CredentialSource, Credentials, Expiring } from './credentials.js'
export type {
  CachedState,
  CredentialsEvent,
  ExchangeEvent,
  FetchReason,
  MigrationEvent,
} from './diagnostics.js'
export { type Endpoint, parseEndpoint } from './endpoint.js'
export { AuthError, type AuthErrorCode, type Fault, isAuthError } from './errors.js'
export { extendContext } from './extend-context.js'
export { findAuthError } from './find-auth-error.js'
export { knownAuthenticator } from './known-authenticator.js'
export type { KnownAuthenticator } from './known-authenticators.js'
export type { CacheEntryStatus } from './lib/cache/cache-settings.js'
export type {
  MigratingClient,
  MigrationLogins,
  MigrationNode,
  MigrationNodeState,
  MigrationStatus,
} from './lib/login/migration-status.js'
export { type MigrateOptions, type Migration, migrate } from './migrate.js'
export { type Route, type RoutingOptions, routeByAuthenticator } from './routing.js'
export { Secret } from './secret.js'
export { type SecureClientChoices, secureClientOptions } from './secure-client-options.js'
export { serverReport } from './server-report.js'
export { type CachedOptions, type CachedSource, type CachedStatus, cached } from './sources/cached.js'
export { chain } from './sources/chain.js'
export { type EnvironmentFields, type FromEnvOptions, fromEnv } from './sources/from-env.js'
export {
  type FileFields,
  type FileFormat,
  type FromFileFieldsOptions,
  type FromFileOptions,
  fromFile,
} from './sources/from-file.js'
