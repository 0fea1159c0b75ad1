/** Runs the suite on providers that share no code with it: a correct one passes, and each careless one is noticed. */
import { runClause } from '../src/lib/run/run-clause.js'
import { suites } from '../src/suites.js'
import { careless } from './strangers/careless.js'
import { Stranger, strangersSubject } from './strangers/provider.js'

const { provider: suite } = suites
const clauseOf = (id: string) => suite.clauses.find((clause) => clause.id === id)

test("an honest stranger's provider keeps every promise", async () => {
  const failed: string[] = []
  for (const clause of suite.clauses) {
    const { id, outcome, reason } = await runClause(suite, strangersSubject('honest', Stranger), clause)
    if (outcome === 'failed') failed.push(`${id}: ${reason}`)
  }
  expect(failed).toEqual([])
})

describe.each(Object.entries(careless))('%s notices', (id, providers) => {
  test.each(Object.entries(providers))('%s', async (flaw, Provider) => {
    const clause = clauseOf(id)
    if (!clause) throw new Error(`there is no clause ${id}`)
    expect((await runClause(suite, strangersSubject(flaw, Provider), clause)).outcome).toBe('failed')
  })
})
