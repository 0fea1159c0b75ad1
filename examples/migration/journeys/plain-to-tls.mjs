/** First connections without TLS, then both on one port, then only TLS. */
import { secureClientOptions } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { verifyServer } from '@x/tls-profiles'
import { clientFiles, nodeFiles, password, tls } from './states.mjs'

// #region client
/** @param {import('../journey.mjs').Common} common */
export function withoutTls(common) {
  const options = { ...common, authProvider: new PlainTextAuthProvider('app', 'secret') }
  return secureClientOptions(options, { allowCleartextWithoutVerifiedTls: true })
}

/** @param {import('../journey.mjs').Common} common @param {import('../journey.mjs').FileOf} file */
export function withTls(common, file) {
  return secureClientOptions({
    ...common,
    authProvider: new PlainTextAuthProvider('app', 'secret'),
    sslOptions: verifyServer({ ca: file('ca.crt') }),
  })
}
// #endregion client

/** @type {import('../journey.mjs').Journey} */
export const journey = {
  title: 'From plain connections to TLS',
  about:
    'The driver has one `sslOptions` for a whole client and uses it for every node. So a client uses TLS for all nodes or for none, and the change needs two configurations. The server has the option `optional`, which accepts both on one port.',
  from: { yaml: password, files: nodeFiles, shows: { ssl_enabled: false } },
  clientFiles,
  clients: { withoutTls, withTls },
  steps: [
    {
      text: 'Change one node after the other, with a restart each. Clients without TLS notice only the restart.',
      nodes: { yaml: { client_encryption_options: { ...tls, optional: true } } },
      by: 'restart',
    },
    {
      text: 'Give every client `sslOptions`, with a deployment. A process that must not restart needs a second client, as [shown below](#tls-in-a-process-that-must-not-restart).',
      client: 'withTls',
      shows: { ssl_enabled: true },
    },
    {
      text: 'When `system_views.clients` has no row with `ssl_enabled = false`, change one node after the other, with a restart each.',
      nodes: { yaml: { client_encryption_options: tls } },
      by: 'restart',
    },
  ],
}
