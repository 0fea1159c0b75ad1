/** The nodes require a certificate from every client, first of one CA, then of another. */
import { secureClientOptions } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { mutual } from '@x/tls-profiles'
import { clientFiles, nodeFiles, password, tls } from './states.mjs'

// #region client
/** @param {import('../journey.mjs').Common} common @param {import('../journey.mjs').FileOf} file */
export function client(common, file) {
  return secureClientOptions({
    ...common,
    authProvider: new PlainTextAuthProvider('app', 'secret'),
    // Both files change together. A pair that does not match is not used.
    sslOptions: mutual({ ca: file('ca.crt'), cert: file('tls.crt'), key: file('tls.key') }),
  })
}
// #endregion client

/** @type {import('../journey.mjs').Journey} */
export const journey = {
  title: 'Certificates of clients, and then of another CA',
  about:
    'The nodes trust both CAs while the clients change. With MutualTlsAuthenticator, the steps are the same: it uses the identity in the certificate, and the identity stays.',
  from: {
    yaml: { ...password, client_encryption_options: tls },
    files: { ...nodeFiles, 'trusted.pem': 'the old CA' },
    shows: { ssl_enabled: true, username: 'app' },
  },
  clientFiles: {
    ...clientFiles,
    'tls.crt': 'a certificate of the old CA',
    'tls.key': 'a certificate of the old CA',
  },
  clients: { client },
  steps: [
    {
      text: 'Change one node after the other, with a restart each. From then on, the node requires a certificate.',
      nodes: {
        yaml: {
          client_encryption_options: {
            ...tls,
            require_client_auth: true,
            truststore: '/etc/cassandra/tls/trusted.pem',
          },
        },
        accepts: ['a certificate of the old CA'],
        refuses: ['a certificate of the new CA', 'no certificate'],
      },
      by: 'restart',
    },
    {
      text: 'On one node after the other, without a restart, add the new CA to the trust store, then run `nodetool reloadssl`.',
      nodes: {
        files: { 'trusted.pem': 'both CAs' },
        accepts: ['a certificate of the old CA', 'a certificate of the new CA'],
        refuses: ['no certificate'],
      },
      by: 'reloadssl',
    },
    {
      text: 'Give every client its new certificate and key.',
      clientFiles: {
        'tls.crt': 'a certificate of the new CA',
        'tls.key': 'a certificate of the new CA',
      },
    },
    {
      text: 'On one node after the other, without a restart, remove the old CA from the trust store, then run `nodetool reloadssl`.',
      nodes: {
        files: { 'trusted.pem': 'the new CA' },
        accepts: ['a certificate of the new CA'],
        refuses: ['a certificate of the old CA', 'no certificate'],
      },
      by: 'reloadssl',
    },
  ],
}
