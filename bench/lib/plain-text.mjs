/** A server with one user, and the two providers that log in as that user. */
import { createRequire } from 'node:module'

// Modules load on use: the process of one subject does not load the code of another.
const require = createRequire(import.meta.url)

export const user = { username: 'bench', password: 'a password of some length' }
export const authenticator = 'org.apache.cassandra.auth.PasswordAuthenticator'

/**
 * @param {import('@x/auth-testserver').TestServerOptions} [options] in addition
 * @returns {Promise<import('./row.mjs').Running>}
 */
export async function passwordServer(options = {}) {
  const { passwordAuthenticator, startTestServer } = await import('@x/auth-testserver')
  const server = await startTestServer({
    authenticator: passwordAuthenticator({ users: { [user.username]: user.password } }),
    transcriptLimit: 1,
    ...options,
  })
  return { info: server.clientOptions, stop: () => server.stop() }
}

/** The driver's own provider. */
export function stockProvider() {
  const { auth } = /** @type {typeof import('cassandra-driver')} */ (require('cassandra-driver'))
  return new auth.PlainTextAuthProvider(user.username, user.password)
}

/**
 * Our provider, with a value or a source.
 *
 * @param {import('@x/auth-plaintext').PlainTextAuthOptions['credentials']} [credentials]
 */
export function ourProvider(credentials = user) {
  const { PlainTextAuthProvider } = /** @type {typeof import('@x/auth-plaintext')} */ (
    require('@x/auth-plaintext')
  )
  return new PlainTextAuthProvider({ credentials })
}

/**
 * The subjects of the rows about logins by password.
 * @param {(context: import('./row.mjs').Context, options: import('cassandra-driver').ClientOptions) => ReturnType<import('./row.mjs').Subject['measure']>} measure
 * @returns {Record<string, import('./row.mjs').Subject>}
 */
export function passwordSubjects(measure) {
  return {
    stock: {
      title: "the driver's PlainTextAuthProvider",
      measure: (context) => measure(context, { ...context.shared, authProvider: stockProvider() }),
    },
    ours: {
      title: '@x/auth-plaintext',
      measure: (context) => measure(context, { ...context.shared, authProvider: ourProvider() }),
    },
  }
}
