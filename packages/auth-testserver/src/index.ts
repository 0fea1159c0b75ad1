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
export type {
  AnswerMomentOption,
  AtOption,
  Fault,
  FaultAction,
  FaultMoment,
  FaultMomentOption,
  FaultPoint,
} from './fault.js'
export type { EarlySuccessOptions, ErrorOfOptions } from './faults/answers.js'
export {
  challengeForever,
  earlySuccess,
  emptyChallenge,
  errorOf,
  nullChallenge,
  readyInsteadOfSuccess,
} from './faults/answers.js'
export { fin, rst } from './faults/endings.js'
export { frameOf2GiB, randomBytes, seededBytes, truncatedFrame } from './faults/garbage.js'
export type { Delay } from './faults/late.js'
export { late } from './faults/late.js'
export { silentAfterAuthenticate, silentAfterResponse, silentBeforeAuthenticate } from './faults/silence.js'
export type { CqlScalar, CqlType } from './lib/cql-types.js'
export type { LoginMessage } from './lib/messages.js'
export type { MessageType, ProtocolVersion } from './lib/protocol.js'
export type { ServerTlsOptions, TestServerOptions } from './options.js'
export type { PasswordAuthenticatorOptions, Users } from './password-authenticator.js'
export { passwordAuthenticator } from './password-authenticator.js'
export type { PlainRows, QueryHook, TypedRows } from './query.js'
export type { Login, TestServer } from './server.js'
export { startTestServer } from './server.js'
export type { SigV4Key, SigV4Session, SigV4SessionOptions } from './sigv4/key-store.js'
export { SigV4KeyStore } from './sigv4/key-store.js'
export type { SigV4AuthenticatorOptions } from './sigv4/sigv4-authenticator.js'
export { sigV4Authenticator } from './sigv4/sigv4-authenticator.js'
export type { TranscriptEntry } from './transcript.js'
