export { abortable } from './abortable.js'
export { adaptTo, type DriverModule } from './adapt-to.js'
export { assertAuthenticated, type ConnectedClient } from './assert-authenticated.js'
export { type AskingClient, assertNotAnonymous } from './assert-not-anonymous.js'
export { type AuthenticatorPattern, matchesAuthenticator } from './authenticator-pattern.js'
export { type CertificateAuthOptions, CertificateAuthProvider } from './certificate-auth-provider.js'
export { type Clock, systemClock, type Timer } from './clock.js'
export type {
  CredentialContext,
  CredentialSource,
  Credentials,
  Expiring,
  LoginObserver,
  LoginProgress,
  SourceWatch,
} from './credentials.js'
export type { CachedState, CredentialsEvent, ExchangeEvent, FetchReason } from './diagnostics.js'
export type { DriverAuthenticator, DriverAuthProvider, DriverCallback } from './driver.js'
export { type Endpoint, parseEndpoint } from './endpoint.js'
export {
  AuthError,
  type AuthErrorCode,
  type AuthErrorDetails,
  authError,
  type ErrorRow,
  type ErrorTable,
  errorFactory,
  errorTable,
  type Fault,
  isAuthError,
} from './errors.js'
export { findAuthError } from './find-auth-error.js'
export { knownAuthenticator } from './known-authenticator.js'
export type { KnownAuthenticator } from './known-authenticators.js'
export type { CacheEntryStatus } from './lib/cache/cache-settings.js'
export {
  type ClientStep,
  type Conversation,
  type ExchangeContext,
  type FailStep,
  type FinishStep,
  finish,
  giveUp,
  type Mechanism,
  type MutualMechanism,
  type OneWayMechanism,
  type SendStep,
  type ServerProof,
  type ServerToken,
  type SuccessToken,
  send,
} from './mechanism.js'
export { dseNegotiated, isDseAuthenticator } from './mechanisms/dse-negotiation.js'
export { type PasswordCredentials, plain } from './mechanisms/plain.js'
export {
  BaseAuthProvider,
  type BaseAuthProviderOptions,
  type MechanismChoice,
  type ProviderOptions,
} from './provider.js'
export { type ProviderRecord, providerRecord, recordOf } from './provider-record.js'
export { quotable } from './quotable.js'
export { type Route, routeByAuthenticator } from './routing.js'
export { Secret } from './secret.js'
export { type SecureClientChoices, secureClientOptions } from './secure-client-options.js'
export { type CachedOptions, type CachedSource, type CachedStatus, cached } from './sources/cached.js'
export { chain } from './sources/chain.js'
export { type EnvironmentFields, fromEnv } from './sources/from-env.js'
export {
  type FileFields,
  type FileFormat,
  type FromFileFieldsOptions,
  type FromFileOptions,
  fromFile,
} from './sources/from-file.js'
export {
  type FromSecretsManagerFieldsOptions,
  type FromSecretsManagerOptions,
  fromSecretsManager,
  type SecretsManagerClient,
} from './sources/from-secrets-manager.js'
