import { check } from '../../clause.js'
import { describeValue } from '../../lib/time/waiting.js'
import type { ClientBench } from '../bench.js'
import { type ClientClause, driverReads as source } from '../clause.js'
import { partly, shapes, trueOnce, trueOnceByProxy } from '../shapes.js'

/** The driver uses exactly the options that were checked, in every form in which they can be written. */
export const shapeClauses: readonly ClientClause[] = [
  {
    id: 'CLIENT-01',
    level: 'must',
    source,
    title: 'accepts options that verify the server, and the stock driver logs in with the result',
    async run(bench) {
      const server = await bench.serve('right')
      const options = bench.options({ sslOptions: await bench.verifying() }, server)
      const error = await bench.connect(bench.accepts(options, 'verified TLS'))
      check(error === undefined, `connect() failed: ${describeValue(error)}`)
    },
  },
  {
    id: 'CLIENT-02',
    level: 'must',
    source,
    title: 'refuses or keeps a protection that sslOptions inherit and the driver would lose',
    run: (bench) =>
      ofTls(bench, {
        'Object.create': shapes.inherited,
        'a prototype in a literal': (tls) => ({ __proto__: tls }),
        'a prototype of a prototype': (tls) => Object.create(Object.create(tls)),
      }),
  },
  {
    id: 'CLIENT-03',
    level: 'must',
    source,
    title:
      'refuses or keeps a protection that sslOptions have by getters of a class and the driver would lose',
    run: (bench) =>
      ofTls(bench, {
        'getters of a class': shapes.getters,
        'getters that are inherited': (tls) => Object.create(shapes.getters(tls)),
      }),
  },
  {
    id: 'CLIENT-04',
    level: 'must',
    source,
    title: 'refuses or keeps a protection of sslOptions that is not enumerable and the driver would lose',
    run: (bench) =>
      ofTls(bench, {
        'all hidden': shapes.hidden,
        'rejectUnauthorized hidden': ({ ...tls }) =>
          Object.defineProperty(tls, 'rejectUnauthorized', { enumerable: false }),
      }),
  },
  {
    id: 'CLIENT-05',
    level: 'must',
    source,
    title: 'accepts no protection of sslOptions that changes when it is read again',
    run: (bench) =>
      ofTls(bench, { 'true only once': trueOnce, 'true only once, by a Proxy': trueOnceByProxy }),
  },
  {
    id: 'CLIENT-06',
    level: 'must',
    source,
    title: 'does not lose sslOptions that are inherited, a getter, or not enumerable',
    async run(bench) {
      for (const [name, shape] of Object.entries(shapes))
        await bench.keepsFromStrangers((own, sslOptions) => partly(shape, { sslOptions }, own), name)
    },
  },
  {
    id: 'CLIENT-07',
    level: 'must',
    source,
    title:
      'does not count a cloud as TLS if the driver would lose it: inherited, a getter, or not enumerable',
    async run(bench) {
      const cloud = { secureConnectBundle: 'no-such-bundle.zip' }
      for (const [name, shape] of Object.entries(shapes))
        await bench.keepsFromStrangers((own) => partly(shape, { cloud }, own), name)
    },
  },
  {
    id: 'CLIENT-08',
    level: 'must',
    source,
    title: 'does not lose an authProvider that is inherited, a getter, or not enumerable',
    async run(bench) {
      const { authProvider, ...own } = bench.options({ sslOptions: await bench.verifying() }) as {
        authProvider: object
      }
      for (const [name, shape] of Object.entries(shapes)) {
        const judged = bench.judge(partly(shape, { authProvider }, own))
        const kept = judged === undefined || { ...judged }.authProvider === authProvider
        check(kept, `${name}: accepted, and the driver does not find it`)
      }
    },
  },
  {
    id: 'CLIENT-09',
    level: 'must',
    source,
    title: 'returns options that a later change of the given ones cannot weaken',
    async run(bench) {
      await bench.keepsFromStrangers(
        (own, sslOptions) => ({ ...own, sslOptions }),
        'rejectUnauthorized set to false later',
        (written) => {
          const { sslOptions } = written as { sslOptions: object }
          Object.assign(sslOptions, { rejectUnauthorized: false })
        },
      )
      await bench.keepsFromStrangers(
        (own, sslOptions) => ({ ...own, sslOptions }),
        'sslOptions taken away later',
        (written) => Object.assign(written, { sslOptions: undefined }),
      )
    },
  },
]

async function ofTls(
  bench: ClientBench,
  ways: Readonly<Record<string, (tls: object) => object>>,
): Promise<void> {
  for (const [name, shape] of Object.entries(ways))
    await bench.keepsFromStrangers((own, tls) => ({ ...own, sslOptions: shape(tls) }), name)
}
