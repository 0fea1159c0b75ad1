export type { GivenText, TextInput } from '@x/auth-core/http'
export { errorTable, type VaultErrorCode } from './errors.js'
export type { VaultEvent } from './lib/diagnostics.js'
export type { AwsKeys } from './lib/signed-identity.js'
export { vaultAgent } from './logins/agent.js'
export { type VaultAppRoleOptions, vaultAppRole } from './logins/app-role.js'
export { type VaultAwsIamOptions, vaultAwsIam } from './logins/aws-iam.js'
export { type VaultCertificateOptions, vaultCertificate } from './logins/certificate.js'
export { type VaultJwtOptions, vaultJwt } from './logins/jwt.js'
export { type VaultKubernetesOptions, vaultKubernetes } from './logins/kubernetes.js'
export { type VaultTokenOptions, vaultToken } from './logins/token.js'
export { type VaultDatabaseOptions, vaultDatabase } from './sources/database.js'
export { type VaultKvFields, type VaultKvOptions, vaultKv } from './sources/kv.js'
export type { VaultAuth } from './vault-auth.js'
export type {
  VaultCacheOptions,
  VaultOptions,
  VaultSource,
  VaultStatus,
  VaultTlsOptions,
} from './vault-options.js'
