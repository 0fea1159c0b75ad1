/** The certificates of the nodes change from one CA to another. */
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
    // The profile follows the file.
    sslOptions: verifyServer({ ca: file('ca.crt') }),
  })
}
// #endregion client

/** @type {import('../journey.mjs').Journey} */
export const journey = {
  title: 'From one CA to another',
  about:
    'For a while, the clients trust both CAs. The CA of client certificates is [another migration](#certificates-of-clients-and-then-of-another-ca).',
  from: {
    yaml: { ...password, client_encryption_options: tls },
    files: nodeFiles,
    shows: { ssl_enabled: true },
    certificate: { key: 'rsa', issuer: 'The old CA' },
  },
  clientFiles,
  clients: { client },
  steps: [
    {
      text: 'Let every client trust both CAs: put both into its CA file.',
      clientFiles: { 'ca.crt': 'both CAs' },
    },
    {
      text: 'On one node after the other, without a restart, replace the file, then run `nodetool reloadssl`.',
      nodes: {
        files: { 'node.pem': 'an RSA key, of the new CA' },
        certificate: { key: 'rsa', issuer: 'The new CA' },
      },
      by: 'reloadssl',
    },
    { text: 'Let every client trust only the new CA.', clientFiles: { 'ca.crt': 'the new CA' } },
  ],
}
