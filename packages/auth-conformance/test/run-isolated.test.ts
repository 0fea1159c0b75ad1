import { join } from 'node:path'
import type { ClauseResult } from '../src/clause.js'
import { runIsolated } from '../src/run-isolated.js'

const execArgv = ['--require', join(__dirname, '../../../scripts/typescript.cjs')]
const fixture = (name: string) => join(__dirname, 'fixtures', name)

async function all(module: string, options: object = {}): Promise<ClauseResult[]> {
  const results: ClauseResult[] = []
  for await (const result of runIsolated(fixture(module), { execArgv, ...options })) results.push(result)
  return results
}

describe('a subject that harms its process', () => {
  let results: ClauseResult[]
  beforeAll(
    async () => {
      results = await all('misbehaving.cjs', { only: 'PROV-2', stuckAfterMs: 15_000 })
      // It ends without this time-out: each clause and each silent child has its own.
    },
    2 ** 31 - 1,
  )

  const reasonOf = (subject: string) =>
    results.find((each) => each.subject === subject && each.id === 'PROV-23')?.reason

  test.each([
    ['exits', /ended its process \(exit code 3\)/],
    ['blocks', /blocked its process/],
    ['throws', /uncaught exception: Error: nobody catches/],
    ['rejects', /unhandled rejection: Error: nobody handles/],
  ])('%s: its clause fails, and says how', (subject, reason) => {
    expect(reasonOf(subject)).toMatch(reason)
  })

  test('no other clause of it, and no other subject, is affected', () => {
    const harmed = ['exits', 'blocks', 'throws', 'rejects']
    const outcomes = (subject: string) =>
      results
        .filter((each) => each.subject === subject && each.id !== 'PROV-23')
        .map(({ id, outcome }) => `${id} ${outcome}`)
    expect(reasonOf('well-behaved')).toBeUndefined()
    expect(outcomes('well-behaved')).toHaveLength(6)
    for (const subject of harmed) expect(outcomes(subject)).toEqual(outcomes('well-behaved'))
  })
})

test('results come in the order of the clauses, each once, with progress', async () => {
  const seen: number[] = []
  const onProgress = ({ done, total }: { done: number; total: number }) => seen.push(done, total)
  const results = await all('misbehaving.cjs', { only: 'PROV-0', onProgress })
  const keys = results.map(({ subject, id }) => `${subject} ${id}`)
  expect(new Set(keys).size).toBe(keys.length)
  expect(seen.at(-1)).toBe(results.length)
  expect(results.slice(0, 2).map(({ id }) => id)).toEqual(['PROV-01', 'PROV-02'])
})

test.each([
  ['missing.cjs', /missing\.cjs/],
  ['no-subject.cjs', /exports no subject/],
  ['same-name-twice.cjs', /two subjects with the name 'twin'/],
])('%s cannot be run', async (module, message) => {
  await expect(all(module)).rejects.toThrow(message)
})
