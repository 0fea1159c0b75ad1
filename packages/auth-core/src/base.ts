/**
 * For authors of providers and mechanisms: what these are made of. Credential sources and the checks of a client are
 * not here, so that a provider loads in half the time. Applications use the package's main entry; an `import type` from
 * there costs nothing.
 */
export { abortable } from './abortable.js'
export { matchesAuthenticator } from './authenticator-pattern.js'
export { canEndAt } from './can-end-at.js'
export { maxDelayMs, systemClock } from './clock.js'
export type { LoginObserver, LoginProgress, SourceWatch } from './credentials.js'
export type { DriverAuthenticator, DriverAuthProvider, DriverCallback } from './driver.js'
export {
  type AuthErrorDetails,
  authError,
  type ErrorRow,
  type ErrorTable,
  errorFactory,
  errorRows,
  errorTable,
  isAuthError,
  refusedByServer,
} from './errors.js'
export { isError } from './lib/is-error.js'
export { credentialsSnapshot, mechanismSnapshot } from './lib/login/snapshot.js'
export { sourceError } from './lib/login/source-error.js'
export {
  clockOption,
  credentialsOption,
  patternOption,
  patternsOption,
} from './lib/options/common-options.js'
export {
  bagOf,
  callback,
  definedIn,
  duration,
  flag,
  initially,
  listOf,
  type Option,
  type OptionBag,
  oneOf,
  optionBag,
  type Read,
  readOptions,
  refuseMore,
  refuseUnknown,
  required,
  type Spec,
  some,
  text,
  whole,
} from './lib/options/option-spec.js'
export {
  type ChannelBindingType,
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
  withoutData,
} from './mechanism.js'
export { dseNegotiated, isDseAuthenticator } from './mechanisms/dse-negotiation.js'
export { type PasswordCredentials, plain } from './mechanisms/plain.js'
export {
  BaseAuthProvider,
  type BaseAuthProviderOptions,
  type MechanismChoice,
  type ProviderOptions,
  providerOptions,
  serverVerificationOption,
} from './provider.js'
export { type ProviderRecord, providerRecord, recordOf } from './provider-record.js'
export { quotable } from './quotable.js'
export { Secret } from './secret.js'
