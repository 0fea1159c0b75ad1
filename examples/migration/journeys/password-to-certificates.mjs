/** First passwords, then certificates, with passwords for clients without one, then only certificates. */
import { CertificateAuthProvider, migrate, secureClientOptions } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { mutual } from '@x/tls-profiles'
import { clientFiles, nodeFiles, password, tls } from './states.mjs'

const validator = { validator_class_name: 'org.apache.cassandra.auth.SpiffeCertificateValidator' }
const identity = 'spiffe://example.com/app'

// #region client
/** @param {import('../journey.mjs').Common} common @param {import('../journey.mjs').FileOf} file */
export function client(common, file) {
  return secureClientOptions({
    ...common,
    authProvider: migrate({
      oldWay: {
        authenticator: 'PasswordAuthenticator',
        provider: new PlainTextAuthProvider('app', 'secret'),
      },
      newWay: { authenticator: /\.MutualTls/, provider: new CertificateAuthProvider() },
      // The authenticator that a node names decides whether the node gets the password. TLS verifies that the node is
      // one of ours.
      allowDowngradeToCleartext: true,
    }),
    sslOptions: mutual({ ca: file('ca.crt'), cert: file('tls.crt'), key: file('tls.key') }),
  })
}
// #endregion client

/** @type {import('../journey.mjs').Journey} */
export const journey = {
  title: 'From passwords to certificates',
  about:
    '[mutual-tls.md](mutual-tls.md) explains the certificate and its role. On 6.0, a client with a certificate is not asked for a login: a migrated node is in the state `asks-nobody`, `oldWayUnused` stays false, and `assertNotAnonymous(client)` shows whether the client is logged in.',
  from: {
    yaml: { ...password, client_encryption_options: tls },
    files: { ...nodeFiles, 'trusted.pem': 'the old CA' },
    shows: { username: 'app' },
  },
  clientFiles: {
    ...clientFiles,
    'tls.crt': 'a certificate of the old CA',
    'tls.key': 'a certificate of the old CA',
  },
  clients: { client },
  newWay: /\.MutualTls/,
  steps: [
    {
      text: 'Once, on any node, add the identities. Administrators need one too.',
      cql: [`ADD IDENTITY IF NOT EXISTS '${identity}' TO ROLE 'app'`],
      undo: [`DROP IDENTITY IF EXISTS '${identity}'`],
    },
    {
      text: 'Change one node after the other, with a restart each. From now on, 5.0 requires a certificate from every client with TLS; with `optional: true` instead of `false`, clients without TLS can still use passwords.',
      nodes: {
        yaml: {
          authenticator: {
            class_name: 'org.apache.cassandra.auth.MutualTlsWithPasswordFallbackAuthenticator',
            parameters: validator,
          },
          client_encryption_options: {
            ...tls,
            require_client_auth: true,
            truststore: '/etc/cassandra/tls/trusted.pem',
          },
        },
      },
      by: 'restart',
    },
    {
      text: 'Change one node after the other, with a restart each.',
      nodes: {
        yaml: {
          authenticator: {
            class_name: 'org.apache.cassandra.auth.MutualTlsAuthenticator',
            parameters: validator,
          },
        },
      },
      by: 'restart',
    },
  ],
  end: 'Call `closeOldWay()`, or deploy `new CertificateAuthProvider()` as the only provider.',
}
