import { cached } from '@x/auth-core'
import { fin, type ServerAuthenticator } from '@x/auth-testserver'
import { check } from '../../clause.js'
import type { Account } from '../../subject.js'
import type { ConnectionClause } from '../clause.js'

const source = "driver's contract: a provider learns only of a success"

/** Cassandra's text, which shows nothing secret. The text of a custom authenticator may. */
const words = 'Username and/or password are incorrect'

/** How a login ended. */
export const endClauses: readonly ConnectionClause[] = [
  {
    id: 'CONN-10',
    level: 'must',
    source,
    title: "reports a refusal to diagnostics, with the server's words",
    async run(bench) {
      const server = await bench.serve(refusing(bench.serverSide([bench.newAccount()])))
      const ends = await bench.endsOf(server, () => bench.login(server))
      const [end] = ends
      check(end?.outcome === 'refused', `diagnostics say ${end?.outcome}`)
      const said = end.error?.message.toLowerCase().includes(words.toLowerCase())
      check(said === true, 'the text of the server is missing')
    },
  },
  {
    id: 'CONN-11',
    level: 'must',
    source,
    title: 'asks for the credentials again at the login after a refusal',
    async run(bench) {
      const old: Account = bench.newAccount()
      let current = old
      const credentials = cached<object>(() => current.credentials as object)
      const parts = await bench.parts({ credentials })
      const server = await bench.serve()
      check(
        (await bench.login(server, parts)) !== undefined,
        'an account was let in that the server does not know',
      )
      current = bench.account
      const error = await bench.login(server, parts)
      check(error === undefined, `the login after the refusal failed with ${error}`)
    },
  },
  {
    id: 'CONN-12',
    level: 'must',
    source: "driver's contract: a clean close during login is not noticed before readTimeout",
    title: 'ends at once when the server closes the connection in the middle of a login',
    async run(bench) {
      const server = await bench.serve()
      server.setFault(fin())
      const error = await bench.login(server)
      check(error === 'CONNECTION_LOST', `the login ended with ${error}`)
    },
  },
]

function refusing(authenticator: ServerAuthenticator): ServerAuthenticator {
  return {
    ...authenticator,
    newExchange(connection) {
      const exchange = authenticator.newExchange(connection)
      return {
        async respond(token) {
          const reply = await exchange.respond(token)
          return 'failure' in reply ? { failure: words } : reply
        },
      }
    },
  }
}
