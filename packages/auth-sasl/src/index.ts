export { errorTable, type SaslErrorCode } from './errors.js'
export type { KerberosClient, KerberosModule } from './lib/gssapi/kerberos-module.js'
export type { ServerHost } from './lib/server-host.js'
export type { AuthOptionsOf, Field, Given, MechanismRow, ServerVerificationOptions } from './mechanism-row.js'
export type { AnonymousCredentials } from './mechanisms/anonymous.js'
export type { CramMd5Credentials } from './mechanisms/cram-md5.js'
export type { DigestMd5Options } from './mechanisms/digest-md5.js'
export type { ExternalCredentials } from './mechanisms/external.js'
export type { GssapiCredentials, GssapiOptions } from './mechanisms/gssapi.js'
export type { BearerCredentials, OAuthBearerOptions } from './mechanisms/oauthbearer.js'
export type { ScramName, ScramOptions } from './mechanisms/scram.js'
export type {
  OwnMechanismAuthOptions,
  SaslAuthOptions,
  SaslListEntry,
  SaslListOptions,
  SaslOptionsOf,
} from './options.js'
export { type MechanismRows, registry, type SaslMechanismName } from './registry.js'
export { SaslAuthProvider } from './sasl-auth-provider.js'
