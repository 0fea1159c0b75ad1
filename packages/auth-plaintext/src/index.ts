export {
  type PasswordCredentials,
  type PlainTextAuthOptions,
  PlainTextAuthProvider,
} from './plain-text-auth-provider.js'
