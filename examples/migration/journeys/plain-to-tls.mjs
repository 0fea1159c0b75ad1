/** Connections without TLS, then both on one port, then TLS alone. */
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
    'The driver takes one `sslOptions` for a whole client, and decides by it for every node. So a client is either without TLS, or with it for all nodes, and the change takes two configurations; what the server has for it is `optional`, which takes both on one port.',
  from: { yaml: password, files: nodeFiles, shows: { ssl_enabled: false } },
  clientFiles,
  clients: { withoutTls, withTls },
  steps: [
    {
      text: 'Node by node, with a restart each. Clients without TLS notice no more than the restart.',
      nodes: { yaml: { client_encryption_options: { ...tls, optional: true } } },
      by: 'restart',
    },
    {
      text: 'Every client gets `sslOptions`: by a deployment, or in a process that must not restart by a second client beside the first, as below.',
      client: 'withTls',
      shows: { ssl_enabled: true },
    },
    {
      text: 'When `system_views.clients` has no row with `ssl_enabled = false`: node by node, with a restart each.',
      nodes: { yaml: { client_encryption_options: tls } },
      by: 'restart',
    },
  ],
}
