/** The keys of the nodes change from RSA to ECDSA. */
import { secureClientOptions } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { verifyServer } from '@x/tls-profiles'
import { clientFiles, nodeFiles, password, tls } from './states.mjs'

// #region client
/** @param {import('../journey.mjs').Common} common @param {import('../journey.mjs').FileOf} file */
export function client(common, file) {
  return secureClientOptions({
    ...common,
    authProvider: new PlainTextAuthProvider('app', 'secret'),
    sslOptions: verifyServer({ ca: file('ca.crt') }),
  })
}
// #endregion client

/** @type {import('../journey.mjs').Journey} */
export const journey = {
  title: 'From RSA to ECDSA certificates',
  about:
    'The CA stays, so most clients do not change. If a client pins the old key (option `pins`), first add the new key to its pins.',
  from: {
    yaml: { ...password, client_encryption_options: tls },
    files: nodeFiles,
    shows: { ssl_cipher_suite: /_ECDHE_RSA_/ },
    certificate: { key: 'rsa', issuer: 'The old CA' },
  },
  clientFiles,
  clients: { client },
  steps: [
    {
      text: 'On one node after the other, without a restart, replace the file, then run `nodetool reloadssl`. Open connections stay; new connections use the new key.',
      nodes: {
        files: { 'node.pem': 'an ECDSA key, of the old CA' },
        shows: { ssl_cipher_suite: /_ECDHE_ECDSA_/ },
        certificate: { key: 'ec', issuer: 'The old CA' },
      },
      by: 'reloadssl',
    },
  ],
}
