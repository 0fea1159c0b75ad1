import { check } from '../../clause.js'
import type { TlsBench } from '../bench.js'
import type { TlsClause } from '../clause.js'

/** Verification never ends: not after the first connection, not in a copy, not when the options are closed. */
export const constancyClauses: readonly TlsClause[] = [
  {
    id: 'TLS-20',
    level: 'must',
    source: "driver's contract: sslOptions are read at every connection",
    title:
      'verifies each connection: refuses an impostor at the address of a server that it has connected to',
    notFor: verifiesNothing,
    async run(bench) {
      const server = await bench.serve('good')
      for (const kind of await refused(bench)) {
        server.setTls(await bench.serverTls('good'))
        const options = await bench.create()
        check(!(await bench.connect(server, options)), 'connect() to the right server failed')
        server.setTls(await bench.serverTls(kind))
        check((await bench.connect(server, options)) !== undefined, `connected to an impostor (${kind})`)
      }
    },
  },
  {
    id: 'TLS-21',
    level: 'must',
    source: "driver's contract: sslOptions are copied by their own enumerable properties",
    title: 'verifies in a spread copy as well',
    notFor: verifiesNothing,
    async run(bench) {
      for (const kind of await refused(bench)) {
        const copy = { ...(await bench.create()) }
        const error = await bench.connect(await bench.serve(kind), copy)
        check(error !== undefined, `a copy connected to an impostor (${kind})`)
      }
    },
  },
  {
    id: 'TLS-22',
    level: 'must',
    source: 'this suite',
    title: 'verifies after it was closed, for clients that still have it',
    notFor: (bench) => verifiesNothing(bench) ?? (bench.subject.close ? undefined : 'it is never closed'),
    async run(bench) {
      for (const kind of await refused(bench)) {
        const options = await bench.create()
        await bench.subject.close?.(options)
        const error = await bench.connect(await bench.serve(kind), options)
        check(error !== undefined, `connected to an impostor (${kind})`)
      }
    },
  },
]

function verifiesNothing({ subject: { traits } }: TlsBench): string | undefined {
  return traits.chain ? undefined : 'it does not verify the chain, and says so'
}

/** The impostors that new options refuse. Other clauses check whether they refuse each of them. */
async function refused(bench: TlsBench): Promise<('ofStranger' | 'otherName')[]> {
  const refusals: ('ofStranger' | 'otherName')[] = []
  for (const kind of ['ofStranger', 'otherName'] as const) {
    const error = await bench.connect(await bench.serve(kind), await bench.create())
    if (error) refusals.push(kind)
  }
  check(refusals.length > 0, 'it refuses no server')
  return refusals
}
