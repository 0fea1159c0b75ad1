import { check } from '../../clause.js'
import { queriesOf } from '../bench.js'
import { type ConnectionClause, needsBinding } from '../clause.js'

const source = 'RFC 5802 §6; RFC 5929 §4; RFC 9266'
const names = ['127.0.0.1']

/** Logins that are bound to their connection. */
export const bindingClauses: readonly ConnectionClause[] = [
  {
    id: 'CONN-30',
    level: 'must',
    source,
    title: "binds each login to its own connection, whatever certificate the server's address had before",
    notFor: needsBinding,
    async run(bench) {
      const { ca } = await bench.certificates()
      const server = await bench.serve()
      const parts = await bench.parts()
      for (const { chainPem: cert, keyPem: key } of await Promise.all(
        [1, 2, 3].map(() => ca.issue({ names })),
      )) {
        server.setTls({ cert, key })
        const error = await bench.login(server, parts)
        check(
          error === undefined,
          `a login after a rotation of the server's certificate failed with ${error}`,
        )
      }
    },
  },
  {
    id: 'CONN-31',
    level: 'must',
    source,
    title: 'cannot be forwarded by somebody in between with a certificate of the same CA',
    notFor: needsBinding,
    async run(bench) {
      const { ca } = await bench.certificates()
      const server = await bench.serve()
      const parts = await bench.parts()
      check((await bench.login(server, parts)) === undefined, 'the login without anybody in between failed')
      server.clear()
      const port = await bench.standBetween(server, await ca.issue({ names }))
      check((await bench.login(server, { ...parts, port })) !== undefined, 'a login was passed on')
      check(server.logins.length === 0 && queriesOf(server) === 0, 'somebody in between was let in')
    },
  },
  {
    id: 'CONN-32',
    level: 'must',
    source,
    title: 'sends nothing if the runtime shows no connection',
    notFor: needsBinding,
    async run(bench) {
      const { provider, sslOptions } = await bench.parts()
      const server = await bench.serve()
      const error = await bench.login(server, { provider, sslOptions: { ...sslOptions, onread: undefined } })
      check(error !== undefined, 'a login without a binding succeeded')
      const said = server.transcript().some(({ type }) => type === 'AUTH_RESPONSE')
      check(!said, 'it began a login without a binding')
    },
  },
]
