/** The nodes change from one version of TLS to the next. */
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
    // Each connection negotiates its own version: 1.2 or 1.3.
    sslOptions: verifyServer({ ca: file('ca.crt') }),
  })
}
// #endregion client

/** @type {import('../journey.mjs').Journey} */
export const journey = {
  title: 'From TLS 1.2 to 1.3',
  about:
    "A client without version options works with both. A profile with a client certificate uses at most TLS 1.2: first give it `maxVersion: 'TLSv1.3'`.",
  from: {
    yaml: { ...password, client_encryption_options: tls },
    files: nodeFiles,
    shows: { ssl_protocol: 'TLSv1.2' },
  },
  clientFiles,
  clients: { client },
  steps: [
    {
      text: 'Change one node after the other, with a restart each. `[TLSv1.2, TLSv1.3]` is an intermediate step for clients that support only one version.',
      nodes: {
        yaml: { client_encryption_options: { ...tls, accepted_protocols: ['TLSv1.3'] } },
        shows: { ssl_protocol: 'TLSv1.3' },
      },
      by: 'restart',
    },
  ],
  end: "At any later deployment, set `minVersion: 'TLSv1.3'` in the profile.",
}
