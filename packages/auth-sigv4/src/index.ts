export type { AwsCredentialContext, AwsCredentialSource, AwsCredentials, MfaOptions } from './credentials.js'
export { errorTable, type SigV4ErrorCode } from './errors.js'
export { explainRefusal, type RefusalOptions } from './explain-refusal.js'
export {
  type EndpointOptions,
  type KeyspacesClientOptions,
  type KeyspacesOptions,
  keyspaces,
} from './keyspaces.js'
export type { SigV4CacheOptions } from './lib/cache-bag.js'
export type { SigV4AuthOptions } from './options.js'
export { type ProfileOptions, profileRegion } from './region.js'
export { type SigV4MechanismOptions, sigV4 } from './sigv4.js'
export { SigV4AuthProvider } from './sigv4-auth-provider.js'
export type { AssumeRoleOptions } from './sources/assume-role.js'
