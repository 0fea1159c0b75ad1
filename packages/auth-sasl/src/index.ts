export { errorTable, type SaslErrorCode } from './errors.js'
export type { KerberosClient, KerberosModule } from './lib/gssapi/kerberos-module.js'
export type { ServerHost } from './lib/server-host.js'
export { type AnonymousCredentials, anonymous } from './mechanisms/anonymous.js'
export { cramMd5 } from './mechanisms/cram-md5.js'
export { type DigestMd5Options, digestMd5 } from './mechanisms/digest-md5.js'
export { type ExternalCredentials, external } from './mechanisms/external.js'
export { type GssapiCredentials, type GssapiOptions, gssapi } from './mechanisms/gssapi.js'
export { type BearerCredentials, type OAuthBearerOptions, oauthBearer } from './mechanisms/oauthbearer.js'
export { type ScramName, type ScramOptions, scram } from './mechanisms/scram.js'
export type {
  AnonymousAuthOptions,
  CramMd5AuthOptions,
  DigestMd5AuthOptions,
  ExternalAuthOptions,
  Field,
  Given,
  GssapiAuthOptions,
  MutualOptions,
  OAuthBearerAuthOptions,
  OwnMechanismAuthOptions,
  PlainAuthOptions,
  SaslAuthOptions,
  SaslListEntry,
  SaslListOptions,
  ScramAuthOptions,
  UserPassword,
} from './options.js'
export { type MechanismRow, registry } from './registry.js'
export { SaslAuthProvider } from './sasl-auth-provider.js'
