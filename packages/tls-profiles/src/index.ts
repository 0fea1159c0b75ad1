export type { CertificateSummary } from './certificate.js'
export type { ExpiryEvent, RotationEvent, RotationTrigger } from './diagnostics.js'
export {
  type ErrorRow,
  errorTable,
  type Fault,
  isTlsError,
  TlsError,
  type TlsErrorCode,
  type TlsErrorDetails,
} from './errors.js'
export type { Condition, Explanation, GivenUp } from './explain.js'
export { examineTlsError, explainTlsError } from './explain-tls-error.js'
export {
  type KeyspacesEndpoint,
  type KeyspacesEndpointOptions,
  keyspacesEndpoint,
} from './keyspaces-endpoint.js'
export type { Hostname } from './lib/identity/names.js'
export type { UriIdentity } from './lib/identity/uri.js'
export type { AstraBundle } from './lib/material/bundle.js'
export type { MaterialInput, PassphraseInput } from './lib/material/source.js'
export type { CertificateStatus } from './lib/rotation/expiry.js'
export type { ReloadOutcome, TlsStatus } from './lib/rotation/rotation.js'
export type { LoggingClient } from './lib/sessions/client-log.js'
export type { SessionDropped, SessionStatus } from './lib/sessions/session-status.js'
export type {
  CaInput,
  ClientIdentityOptions,
  CommonOptions,
  IdentityOptions,
  OneOrMany,
  ResumptionOptions,
  RotationOptions,
  SessionResumption,
  TrustOptions,
  WatchOptions,
} from './options.js'
export type { IdentityCheck, TlsProfile } from './profile.js'
export { profileRecordOf, type TlsProfileRecord, tlsProfile } from './profile-record.js'
export { type AstraClientOptions, type AstraOptions, astra } from './profiles/astra.js'
export { type CosmosOptions, cosmos } from './profiles/cosmos.js'
export { fromLegacyOptions, type LegacyOptions } from './profiles/from-legacy-options.js'
export { type FromSecureContextOptions, fromSecureContext } from './profiles/from-secure-context.js'
export { type KeyspacesOptions, keyspaces } from './profiles/keyspaces.js'
export { type MutualOptions, mutual } from './profiles/mutual.js'
export { type VerifyClientOptions, verifyClient } from './profiles/verify-client.js'
export { type VerifyServerOptions, verifyServer } from './profiles/verify-server.js'
export { spkiPin } from './spki-pin.js'
export type { ExamineOptions, TlsDiagnosis } from './tls-diagnosis.js'
