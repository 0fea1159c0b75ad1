import { check } from '../../clause.js'
import type { SubjectSource } from '../../subject.js'
import type { ProviderBench } from '../bench.js'
import type { ProviderClause } from '../clause.js'

const logins = 200

/** Many connections through one provider. */
export const concurrencyClauses: readonly ProviderClause[] = [
  {
    id: 'PROV-60',
    level: 'must',
    source: "driver's contract: one provider serves all connections of a client",
    title: `shares nothing between ${logins} interleaved logins`,
    async run(bench) {
      const ends = await Promise.all(
        bench.subject.traits.credentials === 'source' ? ownAccounts(bench) : oneAccount(bench),
      )
      const lost = ends.filter(({ end }) => end !== 'success').length
      check(lost === 0, `${lost} of ${logins} interleaved logins did not succeed`)
    },
  },
]

/** Each connection has its own account, and its server accepts only that one. */
function ownAccounts(bench: ProviderBench) {
  const accounts = new Map(endpoints().map((endpoint) => [endpoint, bench.newAccount()]))
  const credentials: SubjectSource = async (context) => {
    // Microtasks: logins overtake one another, and a provider that calls the source for one after another still works.
    for (let left = Math.floor(Math.random() * 8); left > 0; left--) await undefined
    // A source that gets no context cannot choose the account, so all connections use the first.
    return (accounts.get(context?.endpoint) ?? bench.account).credentials
  }
  const provider = bench.create({ credentials })
  return [...accounts].map(([endpoint, account]) =>
    bench
      .dialogue(provider, endpoint)
      .login(slowly(bench.exchange(bench.serverSide([account, bench.account]), endpoint))),
  )
}

function oneAccount(bench: ProviderBench) {
  const provider = bench.create()
  return endpoints().map((endpoint) => bench.dialogue(provider, endpoint).login(slowly(bench.exchange())))
}

function endpoints(): string[] {
  return Array.from({ length: logins }, (_, index) => `192.0.2.${index + 1}:9042`)
}

type Exchange = ReturnType<ProviderBench['exchange']>

function slowly(exchange: Exchange): Exchange {
  return { respond: async (token) => turns().then(() => exchange.respond(token)) }
}

/** Waits some turns of the event loop, a different number each time, so that the logins overtake one another. */
async function turns(): Promise<void> {
  for (let left = Math.floor(Math.random() * 4); left > 0; left--)
    await new Promise((resolve) => setImmediate(resolve))
}
