import { cached, fromFile } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { mutual } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'

/** `secrets` is the folder where the volumes are mounted. @param {string} secrets @param {string} contactPoint */
export function kubernetesClient(secrets, contactPoint) {
  // #region kubernetes
  const tls = `${secrets}/tls`
  const client = new Client({
    contactPoints: [contactPoint],
    localDataCenter: 'datacenter1',
    // From the secret that cert-manager writes. New connections use renewed files.
    sslOptions: mutual({ ca: `${tls}/ca.crt`, cert: `${tls}/tls.crt`, key: `${tls}/tls.key` }),
    authProvider: new PlainTextAuthProvider({
      // One file for each key of the secret that External Secrets writes.
      credentials: cached(
        fromFile({ path: `${secrets}/login`, fields: { username: 'username', password: 'password' } }),
      ),
    }),
  })
  // #endregion kubernetes
  return client
}
