export {
  type PasswordCredentials,
  type PlainTextAuthOptions,
  PlainTextAuthProvider,
} from './plain-text-auth-provider.js'
export { type TransitionalAuthOptions, TransitionalAuthProvider } from './transitional-auth-provider.js'
