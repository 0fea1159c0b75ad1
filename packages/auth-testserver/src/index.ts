export type { ConnectionInfo, Reply, ServerAuthenticator, ServerExchange, TlsInfo } from './authenticator.js'
export { allowAllAuthenticator } from './authenticator.js'
export type {
  AuthorityOptions,
  CertificateAuthority,
  CertificateOptions,
  Certificates,
  IssuedCertificate,
  KeyType,
  Validity,
} from './certificates.js'
export { createCertificateAuthority, createCertificates, createSelfSigned } from './certificates.js'
export type { CqlErrorFields, CqlErrorKind } from './cql-errors.js'
export { CqlError, cqlErrors } from './cql-errors.js'
export type { DseAuthenticatorOptions, MechanismFactory } from './dse-authenticator.js'
export { dseAuthenticator } from './dse-authenticator.js'
export type { ServerEventName, ServerEvents } from './events.js'
export type { Fault, FaultAction, FaultMoment, FaultMomentOption, FaultPoint } from './fault.js'
export type { AtOption, Delay, EarlySuccessOptions, ErrorOfOptions } from './faults.js'
export {
  challengeForever,
  earlySuccess,
  emptyChallenge,
  errorOf,
  fin,
  frameOf2GiB,
  late,
  nullChallenge,
  randomBytes,
  readyInsteadOfSuccess,
  rst,
  seededBytes,
  silentAfterAuthenticate,
  silentAfterResponse,
  silentBeforeAuthenticate,
  truncatedFrame,
} from './faults.js'
export type { CqlScalar, CqlType } from './lib/cql-types.js'
export type { LoginMessage } from './lib/messages.js'
export type { MessageType, ProtocolVersion } from './lib/protocol.js'
export type { PasswordAuthenticatorOptions, Users } from './password-authenticator.js'
export { passwordAuthenticator } from './password-authenticator.js'
export type { PlainRows, QueryHook, TypedRows } from './query.js'
export type { Login, ServerTlsOptions, TestServer, TestServerOptions } from './server.js'
export { startTestServer } from './server.js'
export type { TranscriptEntry } from './transcript.js'
