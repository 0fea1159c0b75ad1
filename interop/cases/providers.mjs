/** The providers of user name and password, ours beside the driver's own: both must do whatever is asked of them. */
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import cassandra from 'cassandra-driver'

/** @type {Record<string, (username: string, password: string) => cassandra.auth.AuthProvider>} */
export const plainTextProviders = {
  'the stock provider': (username, password) => new cassandra.auth.PlainTextAuthProvider(username, password),
  '@x/auth-plaintext': (username, password) => new PlainTextAuthProvider(username, password),
}
