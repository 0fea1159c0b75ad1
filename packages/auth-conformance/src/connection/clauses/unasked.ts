import { assertAuthenticated } from '@x/auth-core'
import { allowAllAuthenticator } from '@x/auth-testserver'
import type { Client } from 'cassandra-driver'
import { check } from '../../clause.js'
import { queriesOf } from '../bench.js'
import type { ConnectionClause } from '../clause.js'

/** A server that asks nobody. */
export const unaskedClauses: readonly ConnectionClause[] = [
  {
    id: 'CONN-20',
    level: 'must',
    source: "driver's contract: a server that answers READY unasked is accepted in silence",
    title: 'leaves a server that lets in whoever comes, before a query',
    async run(bench) {
      const server = await bench.serve(allowAllAuthenticator())
      const error = await bench.login(server)
      check(error === 'NOT_AUTHENTICATED', `connect() ended with ${error}`)
      check(queriesOf(server) === 0, 'a query was asked')
    },
  },
  {
    id: 'CONN-21',
    level: 'must',
    source: '@x/auth-core: assertAuthenticated',
    title: 'counts the connections that are open now and logged in, and no other',
    async run(bench) {
      const server = await bench.serve()
      const parts = { ...(await bench.parts()), choices: { requireAuthentication: false } }
      const client = bench.client(server, parts)
      check((await bench.attempt(client)) === undefined, 'the login failed')
      check(isAuthenticated(client, parts.provider), 'a login that is open is not counted')
      await client.shutdown()
      await server.drained()
      server.setAuthenticator(allowAllAuthenticator())
      // With the same record of logins, as a client that reconnects.
      const again = bench.client(server, parts)
      optionsOf(again).sslOptions = optionsOf(client).sslOptions
      check((await bench.attempt(again)) === undefined, 'a server that asks nobody was refused')
      check(!isAuthenticated(again, parts.provider), 'the login of a connection that is closed is counted')
    },
  },
]

function isAuthenticated(client: Client, provider: Parameters<typeof assertAuthenticated>[1]): boolean {
  try {
    assertAuthenticated(client, provider)
    return true
  } catch {
    return false
  }
}

/** Public, and missing in the driver's declarations. */
function optionsOf(client: Client): { sslOptions?: unknown } {
  return (client as unknown as { options: { sslOptions?: unknown } }).options
}
