/** The providers of user name and password, ours and the driver's own: both must pass the same tests. */
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import cassandra from 'cassandra-driver'

/** @type {Record<string, (username: string, password: string) => cassandra.auth.AuthProvider>} */
export const plainTextProviders = {
  'the stock provider': (username, password) => new cassandra.auth.PlainTextAuthProvider(username, password),
  '@x/auth-plaintext': (username, password) => new PlainTextAuthProvider(username, password),
}
