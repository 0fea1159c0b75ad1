/** First passwords in plain text, then SCRAM with the authenticator of interop/authenticator, or with your own. */
import { secureClientOptions } from '@x/auth-core'
import { verifyServer } from '@x/tls-profiles'
import { passwordToScram } from '../scram-provider.mjs'
import { clientFiles, nodeFiles, password, tls } from './states.mjs'

// #region client
/** @param {import('../journey.mjs').Common} common @param {import('../journey.mjs').FileOf} file */
export function client(common, file) {
  return secureClientOptions({
    ...common,
    authProvider: passwordToScram({ username: 'app', password: 'secret' }),
    sslOptions: verifyServer({ ca: file('ca.crt') }),
  })
}
// #endregion client

/** @type {import('../journey.mjs').Journey} */
export const journey = {
  title: 'From passwords to SCRAM',
  about:
    'Cassandra has no authenticator for SCRAM. This migration uses the one of [interop/authenticator](../interop/authenticator/README.md); the steps are the same for your own.',
  from: {
    yaml: { ...password, client_encryption_options: tls },
    files: nodeFiles,
    shows: { username: 'app' },
  },
  clientFiles,
  clients: { client },
  newWay: /\.SaslAuthenticator$/,
  steps: [
    {
      text: 'Change one node after the other, with a restart each.',
      nodes: { yaml: { authenticator: 'org.example.cassandra.SaslAuthenticator' } },
      by: 'restart',
    },
  ],
  end: 'When `status()` of every process says that the old way can be closed, call `closeOldWay()`, or deploy a provider for SCRAM only.',
}
