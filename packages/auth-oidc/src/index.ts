export type { GivenText, TextInput } from '@x/auth-core/http'
export { errorTable, type OidcErrorCode } from './errors.js'
export type {
  BearerToken,
  ClientAuthenticationOptions,
  OidcOptions,
  OidcTlsOptions,
  PrivateKeyJwtOptions,
  ServerHintOptions,
  SignInPrompt,
  TokenSource,
  TokenTarget,
} from './oidc-options.js'
export { type ClientCredentialsOptions, clientCredentials } from './sources/client-credentials.js'
export {
  type DeviceCodeOptions,
  type DeviceCodeSource,
  deviceCode,
} from './sources/device-code.js'
export {
  type CallbackToken,
  type FromCallbackOptions,
  fromCallback,
  type TokenCallback,
} from './sources/from-callback.js'
export { type TokenAsPasswordOptions, tokenAsPassword } from './sources/token-as-password.js'
export { type TokenExchangeOptions, tokenExchange } from './sources/token-exchange.js'
export { type TokenFileOptions, tokenFile } from './sources/token-file.js'
