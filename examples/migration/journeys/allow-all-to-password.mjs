/** First every client is accepted, then only clients with a password. */
import { secureClientOptions } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { verifyServer } from '@x/tls-profiles'
import { clientFiles, nodeFiles, password, tls } from './states.mjs'

// #region client
/** @param {import('../journey.mjs').Common} common @param {import('../journey.mjs').FileOf} file */
export function client(common, file) {
  const options = {
    ...common,
    authProvider: new PlainTextAuthProvider('app', 'secret'),
    sslOptions: verifyServer({ ca: file('ca.crt') }),
  }
  // For now, a node may ask for no login. The last step removes this option.
  return secureClientOptions(options, { requireAuthentication: false })
}
// #endregion client

/** @type {import('../journey.mjs').Journey} */
export const journey = {
  title: 'From no login to passwords',
  about:
    'The driver accepts a node that asks for no login, with any provider, so add the password to the clients before the first node asks for it.',
  from: {
    yaml: { ...password, authenticator: 'AllowAllAuthenticator', client_encryption_options: tls },
    files: nodeFiles,
    shows: { username: 'anonymous' },
  },
  clientFiles,
  clients: { client },
  steps: [
    {
      text: 'Node by node, with a restart each. Until the role exists, the first node refuses the clients, and they use the others.',
      nodes: { yaml: password, shows: { username: 'app' } },
      by: 'restart',
      onFirst: ["CREATE ROLE IF NOT EXISTS app WITH PASSWORD = 'secret' AND LOGIN = true"],
    },
  ],
  end: '`secureClientOptions(options)` without `requireAuthentication: false`, and `assertNotAnonymous(client)` after connect, at any later deployment.',
}
