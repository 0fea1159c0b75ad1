import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { TestServer } from '@x/auth-testserver'
import { check } from '../../clause.js'
import { checkSecret } from '../../lib/secrets.js'
import { type ConnectionBench, whenAsked } from '../bench.js'
import type { ConnectionClause } from '../clause.js'

const source = 'docs/decisions/connection-record.md'
/** The key of the place where a record is found while the driver receives bytes of the server. */
const delivery = Symbol.for('@x/tls:connection')

/** A record belongs to one connection and to its login. */
export const ownClauses: readonly ConnectionClause[] = [
  {
    id: 'CONN-40',
    level: 'must',
    source,
    title: 'is found by one login only: not by one of another endpoint, and not by a second one',
    async run(bench) {
      const [outer, stranger] = [bench.create(), bench.create()]
      let late = () => {}
      const provider = whenAsked(outer, (endpoint, name) => {
        // As if another client connected to another address in the same call of the driver.
        stranger.newAuthenticator('192.0.2.1:9042', name)
        late = () => stranger.newAuthenticator(endpoint, name)
      })
      const server = await bench.serve()
      const client = bench.client(server, { provider, sslOptions: await bench.sslOptions() })
      const [ends, error] = await endsAndError(bench, server, client)
      late()
      check(error === undefined, `the login failed with ${error}, since another one took its connection`)
      check(
        ends.every(({ outcome }) => outcome === 'success'),
        'a login ended in another way than its own connection',
      )
      check(recordNow() === undefined, 'a record is found while no connection is read')
    },
  },
  {
    id: 'CONN-41',
    level: 'must',
    source,
    title: 'holds no secret',
    async run(bench) {
      const seen: { where: string; record: object }[] = []
      const provider = whenAsked(bench.create(), () => {
        const record = recordNow()
        if (record) seen.push({ where: 'the record of a connection', record })
      })
      const sslOptions = await bench.sslOptions()
      const server = await bench.serve()
      check((await bench.login(server, { provider, sslOptions })) === undefined, 'the login failed')
      check(seen.length > 0, 'there is no record')
      for (const { where, record } of seen) checkSecret(record, bench.account.secrets, where)
      checkSecret(sslOptions, bench.account.secrets, 'the sslOptions')
    },
  },
  {
    id: 'CONN-42',
    level: 'must',
    source,
    title: 'is gone with its connection',
    async run(bench) {
      const server = await bench.serve()
      const record = await recordOfOneLogin(bench, server)
      await server.drained()
      for (let turn = 0; turn < 20 && record.deref(); turn++) {
        await new Promise((resolve) => setImmediate(resolve))
        collectGarbage()
      }
      check(record.deref() === undefined, 'something still holds the record of a connection that is closed')
    },
  },
]

async function endsAndError(
  bench: ConnectionBench,
  server: TestServer,
  client: Parameters<ConnectionBench['attempt']>[0],
) {
  let error: string | undefined
  const ends = await bench.endsOf(server, async () => {
    error = await bench.attempt(client)
  })
  return [ends, error] as const
}

/** A function of its own, with a client that the bench does not keep, so that nothing else holds the record. */
async function recordOfOneLogin(bench: ConnectionBench, server: TestServer): Promise<WeakRef<object>> {
  let record: WeakRef<object> | undefined
  const provider = whenAsked(bench.create(), () => {
    const now = recordNow()
    if (now) record ??= new WeakRef(now)
  })
  const client = bench.client(server, { provider, sslOptions: await bench.sslOptions() })
  try {
    await client.connect()
  } finally {
    await client.shutdown()
  }
  check(record !== undefined, 'there is no record')
  return record
}

function recordNow(): object | undefined {
  return (globalThis as { [delivery]?: { readonly current?: object } })[delivery]?.current
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
}
