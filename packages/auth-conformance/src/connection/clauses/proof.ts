import { check } from '../../clause.js'
import { fieldFlags, opcodes, withFields } from '../../lib/frame-relay.js'
import { queriesOf } from '../bench.js'
import { type ConnectionClause, needsProof } from '../clause.js'

const source = "driver's contract: the token of AUTH_SUCCESS is dropped"
const versions = ['TLSv1.2', 'TLSv1.3'] as const

/** The server's proof, if it comes with AUTH_SUCCESS. */
export const proofClauses: readonly ConnectionClause[] = [
  {
    id: 'CONN-01',
    level: 'must',
    source,
    title: 'logs in with a server that proves itself with AUTH_SUCCESS',
    notFor: needsProof,
    async run(bench) {
      for (const version of versions) {
        const error = await bench.login(await bench.serve(bench.serverSide(), version))
        check(error === undefined, `${version}: the login failed with ${error}`)
      }
    },
  },
  {
    id: 'CONN-02',
    level: 'must',
    source,
    title: 'refuses a server whose proof in AUTH_SUCCESS is wrong or missing, before a query',
    notFor: needsProof,
    async run(bench) {
      for (const version of versions)
        for (const lie of ['wrong proof', 'no proof'] as const) {
          const server = await bench.serve(bench.serverSide([bench.account], lie), version)
          const error = await bench.login(server)
          check(error !== undefined, `${version}: a server was believed that had ${lie}`)
          check(queriesOf(server) === 0, `${version}: a server with ${lie} was asked a query`)
        }
    },
  },
  {
    id: 'CONN-03',
    level: 'must',
    source,
    title: 'accepts no proof that it does not see, if the runtime shows no connection',
    notFor: needsProof,
    async run(bench) {
      const { provider, sslOptions } = await bench.parts()
      const unseen = { ...sslOptions, onread: undefined }
      const server = await bench.serve()
      const error = await bench.login(server, { provider, sslOptions: unseen })
      check(error !== undefined, 'a server was believed whose proof nobody saw')
      check(queriesOf(server) === 0, 'a server whose proof nobody saw was asked a query')
    },
  },
  {
    id: 'CONN-04',
    level: 'must',
    source: 'CQL native protocol v4 §2.2',
    title: 'finds the proof behind a tracing id, warnings and a custom payload',
    notFor: needsProof,
    async run(bench) {
      const { servers } = await bench.certificates()
      const server = await bench.serve()
      for (const flags of fieldFlags) {
        const port = await bench.standBetween(server, servers.good, (frame) =>
          frame[4] === opcodes.authSuccess ? withFields(frame, flags) : frame,
        )
        const error = await bench.login(server, { ...(await bench.parts()), port })
        check(error === undefined, `the login failed with ${error} when the success had the flags ${flags}`)
      }
    },
  },
]
