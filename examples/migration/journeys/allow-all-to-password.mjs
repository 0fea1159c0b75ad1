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
    'The driver accepts a node that does not ask for a login, with any provider. So add the password to all clients before the first node asks for it.',
  from: {
    yaml: { ...password, authenticator: 'AllowAllAuthenticator', client_encryption_options: tls },
    files: nodeFiles,
    shows: { username: 'anonymous' },
  },
  clientFiles,
  clients: { client },
  steps: [
    {
      text: 'Change one node after the other, with a restart each. Until the role exists, the first node refuses the clients, and they use the other nodes.',
      nodes: { yaml: password, shows: { username: 'app' } },
      by: 'restart',
      onFirst: ["CREATE ROLE IF NOT EXISTS app WITH PASSWORD = 'secret' AND LOGIN = true"],
    },
  ],
  end: 'At any later deployment, remove `requireAuthentication: false` from the call of `secureClientOptions`, and call `assertNotAnonymous(client)` after `connect`.',
}
