export type { ConnectionInfo, Reply, ServerAuthenticator, ServerExchange, TlsInfo } from './authenticator.js'
export { allowAllAuthenticator } from './authenticator.js'
export type {
  AuthorityOptions,
  CertificateAuthority,
  CertificateOptions,
  CertificatesOptions,
  CrlOptions,
  IssuedCertificate,
  KeyType,
  Validity,
} from './certificate-options.js'
export type { Certificates } from './certificates.js'
export { createCertificateAuthority, createCertificates, createSelfSigned } from './certificates.js'
export type { CqlErrorFields, CqlErrorKind } from './cql-errors.js'
export { CqlError, cqlErrors } from './cql-errors.js'
export type { DseAuthenticatorOptions, DseTransitionalMode, MechanismFactory } from './dse-authenticator.js'
export { dseAuthenticator } from './dse-authenticator.js'
export type { ServerEventName, ServerEvents } from './events.js'
export type { ExperimentalNegotiationOptions } from './experimental-negotiation.js'
export { experimentalNegotiation } from './experimental-negotiation.js'
export type {
  AnswerMomentOption,
  AtOption,
  Fault,
  FaultAction,
  FaultMoment,
  FaultMomentOption,
  FaultPoint,
} from './fault.js'
export type { ChallengeForeverOptions, EarlySuccessOptions, ErrorOfOptions } from './faults/answers.js'
export {
  challengeForever,
  earlySuccess,
  emptyChallenge,
  errorOf,
  nullChallenge,
  readyInsteadOfSuccess,
} from './faults/answers.js'
export { fin, rst } from './faults/endings.js'
export type { FrameOf2GiBOptions, RandomBytesOptions, TruncatedFrameOptions } from './faults/garbage.js'
export { frameOf2GiB, randomBytes, seededBytes, truncatedFrame } from './faults/garbage.js'
export type { Delay, LateOptions } from './faults/late.js'
export { late } from './faults/late.js'
export type { SilentAfterResponseOptions } from './faults/silence.js'
export { silentAfterAuthenticate, silentAfterResponse, silentBeforeAuthenticate } from './faults/silence.js'
export type { CqlScalar, CqlType } from './lib/wire/cql-types.js'
export type { LoginMessage } from './lib/wire/messages.js'
export type { MessageType, ProtocolVersion } from './lib/wire/protocol.js'
export type { MutualTlsAuthenticatorOptions } from './mutual-tls-authenticator.js'
export { mutualTlsAuthenticator } from './mutual-tls-authenticator.js'
export type {
  CloseOptions,
  ServerTlsOptions,
  TestServerOptions,
  TranscriptOptions,
  WaitOptions,
} from './options.js'
export type { PasswordAuthenticatorOptions, Users } from './password-authenticator.js'
export { passwordAuthenticator } from './password-authenticator.js'
export type { PlainRows, QueryHook, TypedRows } from './query.js'
export type { AskAgainOptions } from './sasl/anonymous.js'
export { anonymousServer } from './sasl/anonymous.js'
export type { CramMd5ServerOptions } from './sasl/cram-md5.js'
export { cramMd5Server } from './sasl/cram-md5.js'
export type { DigestMd5Lie, DigestMd5LieName, DigestMd5ServerOptions } from './sasl/digest-md5.js'
export { digestMd5Lies, digestMd5Server } from './sasl/digest-md5.js'
export type { ExternalServerOptions } from './sasl/external.js'
export { externalServer } from './sasl/external.js'
export type { GssapiLie, GssapiLieName, GssapiServerOptions } from './sasl/gssapi.js'
export { gssapiLies } from './sasl/gssapi.js'
export type { BearerRefusal, OAuthBearerServerOptions } from './sasl/oauthbearer.js'
export { oauthBearerServer } from './sasl/oauthbearer.js'
export type { PlainServerOptions } from './sasl/plain.js'
export { plainServer } from './sasl/plain.js'
export type {
  PretendKerberos,
  PretendKerberosClient,
  PretendKerberosModule,
  PretendKerberosOptions,
  TicketRequest,
} from './sasl/pretend-kerberos.js'
export { pretendKerberos } from './sasl/pretend-kerberos.js'
export type { ActingOptions, MayActAs, SaslAuthenticatorOptions } from './sasl/sasl-authenticator.js'
export { saslAuthenticator } from './sasl/sasl-authenticator.js'
export type { ScramServerOptions } from './sasl/scram.js'
export { scramServer } from './sasl/scram.js'
export type { HonestFirst, ScramLie, ScramLieName } from './sasl/scram-lies.js'
export { scramLies } from './sasl/scram-lies.js'
export type { Login, TestServer } from './server.js'
export { startTestServer } from './server.js'
export type { SigV4Key, SigV4Session, SigV4SessionOptions } from './sigv4/key-store.js'
export { SigV4KeyStore } from './sigv4/key-store.js'
export type { SigV4AuthenticatorOptions } from './sigv4/sigv4-authenticator.js'
export { sigV4Authenticator } from './sigv4/sigv4-authenticator.js'
export type { TranscriptEntry } from './transcript.js'
export type { TransitionalAuthenticatorOptions } from './transitional-authenticator.js'
export { transitionalAuthenticator } from './transitional-authenticator.js'
