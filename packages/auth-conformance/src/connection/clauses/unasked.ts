import { assertAuthenticated } from '@x/auth-core'
import { allowAllAuthenticator, type Fault } from '@x/auth-testserver'
import type { Client } from 'cassandra-driver'
import { check } from '../../clause.js'
import { queriesOf } from '../bench.js'
import type { ConnectionClause } from '../clause.js'

/** A stream id that the driver does not wait for. */
const nobodys = 77

/** An ERROR of version 4 that the driver ignores. It decides the header size of the connection. */
const overlooked = Buffer.from([0x84, 0, 0, nobodys, 0, 0, 0, 0, 6, ...Buffer.alloc(6)])

/**
 * Frames whose end depends on the reader: their version gives one length, and for the driver they end before the next
 * READY.
 */
const hidingPlaces: readonly (readonly [where: string, bytes: Buffer])[] = [
  // A header of eight bytes, but the driver reads nine. For the driver, the rest turns the next frame into an ERROR.
  [
    'behind a frame of version 2',
    Buffer.concat([overlooked, Buffer.from([0x82, 0, nobodys, 0, 0, 0, 0, 8, ...Buffer.alloc(8), 0x84])]),
  ],
  ['behind a frame of no version', Buffer.from([0x80, 0, nobodys, 0, 0, 0, 0, 6, ...Buffer.alloc(6)])],
]

function readyBehind(bytes: Buffer): Fault {
  return {
    name: 'readyBehind',
    act: ({ point, encode }) =>
      point === 'startup'
        ? { do: 'write', bytes: Buffer.concat([bytes, encode({ type: 'READY' })]) }
        : undefined,
  }
}

/** A server that asks for no login. */
export const unaskedClauses: readonly ConnectionClause[] = [
  {
    id: 'CONN-20',
    level: 'must',
    source: "driver's contract: a server that answers READY unasked is accepted silently",
    title: 'leaves a server that lets everybody in, before a query',
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
      // With the same record of logins, as for a client that reconnects.
      const again = bench.client(server, parts)
      optionsOf(again).sslOptions = optionsOf(client).sslOptions
      check((await bench.attempt(again)) === undefined, 'a server that asks nobody was refused')
      check(!isAuthenticated(again, parts.provider), 'the login of a connection that is closed is counted')
    },
  },
  {
    id: 'CONN-22',
    level: 'must',
    source: "driver's contract: all headers of a connection are taken for as long as the first one",
    title:
      'leaves a server whose READY is where the driver reads it, but not where its protocol version puts it',
    async run(bench) {
      for (const [where, bytes] of hidingPlaces) {
        const server = await bench.serve(allowAllAuthenticator())
        server.setFault(readyBehind(bytes))
        const error = await bench.login(server)
        check(error === 'NOT_AUTHENTICATED', `${where}: connect() ended with ${error}`)
        check(queriesOf(server) === 0, `${where}: a query was asked`)
      }
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

/** This property is public, but missing in the driver's declarations. */
function optionsOf(client: Client): { sslOptions?: unknown } {
  return (client as unknown as { options: { sslOptions?: unknown } }).options
}
