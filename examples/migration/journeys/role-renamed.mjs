/** Clients log in with another role: Cassandra cannot rename a role, so both roles exist for a while. */
import { cached, fromFile, secureClientOptions } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { verifyServer } from '@x/tls-profiles'
import { clientFiles, nodeFiles, password, tls } from './states.mjs'

// #region client
/** @param {import('../journey.mjs').Common} common @param {import('../journey.mjs').FileOf} file */
export function client(common, file) {
  return secureClientOptions({
    ...common,
    // Name and password change together, because they are in one file.
    authProvider: new PlainTextAuthProvider({ credentials: cached(fromFile({ path: file('login.json') })) }),
    sslOptions: verifyServer({ ca: file('ca.crt') }),
  })
}
// #endregion client

/** @type {import('../journey.mjs').Journey} */
export const journey = {
  title: 'From one role to another',
  about: 'Cassandra cannot rename a role, so both roles exist for a while.',
  from: {
    yaml: { ...password, client_encryption_options: tls },
    files: nodeFiles,
    shows: { username: 'app' },
  },
  clientFiles: { ...clientFiles, 'login.json': '{"username":"app","password":"secret"}' },
  clients: { client },
  steps: [
    {
      text: 'Once, create the new role, and give it the permissions of the old role.',
      cql: ["CREATE ROLE app_2 WITH PASSWORD = 'secret-2' AND LOGIN = true"],
      undo: ['DROP ROLE app_2'],
    },
    {
      text: 'Change the file of every client. Open connections keep the old role, so end them on one node after the other, with a restart, or with `nodetool disablebinary` and `nodetool enablebinary`.',
      clientFiles: { 'login.json': '{"username":"app_2","password":"secret-2"}' },
      nodes: { shows: { username: 'app_2' } },
      by: 'binary',
    },
    {
      text: 'When `system_views.clients` has no row of the old role, remove that role.',
      cql: ['DROP ROLE app'],
      undo: ["CREATE ROLE app WITH PASSWORD = 'secret' AND LOGIN = true"],
    },
  ],
}
