/** The suite itself is tested: for each clause there is a mutant that only this clause notices. */
import { join } from 'node:path'
import type { ClauseResult } from '../src/clause.js'
import { runIsolated } from '../src/run-isolated.js'
import { suites } from '../src/suites.js'
import { mutants, references } from './mutants/index.js'

/**
 * The run ends by itself, however fast the machine is: each clause and each silence of a child has a bound. A bound of
 * the whole would measure the machine.
 */
const noBound = 2 ** 31 - 1

const results = new Map<string, ClauseResult[]>()

beforeAll(async () => {
  const hook = join(__dirname, '../../../scripts/typescript.cjs')
  const module = join(__dirname, 'mutants', 'subjects.ts')
  for await (const result of runIsolated(module, {
    execArgv: ['--require', hook],
    concurrency: 10,
    processes: 2,
    stuckAfterMs: 120_000,
  })) {
    results.set(result.subject, [...(results.get(result.subject) ?? []), result])
  }
}, noBound)

const failures = (subject: string) =>
  (results.get(subject) ?? [])
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ id, reason }) => `${id}: ${reason}`)

test.each(references.map(({ name }) => name))('%s keeps every promise', (name) => {
  expect(results.get(name)).not.toHaveLength(0)
  expect(failures(name)).toEqual([])
})

test.each(mutants.map(({ breaks, subject }) => [breaks, subject.name]))(
  'only %s notices «%s»',
  (breaks, name) => {
    expect(failures(name)).toEqual([expect.stringMatching(new RegExp(`^${breaks}: `))])
  },
)

test('every clause that is tested has a mutant', () => {
  const tested = Object.values(suites).flatMap(({ clauses }) =>
    clauses.filter(({ level }) => level !== 'untested'),
  )
  const mutated = new Set(mutants.map(({ breaks }) => breaks))
  expect(tested.map(({ id }) => id).filter((id) => !mutated.has(id))).toEqual([])
})

test('every clause has an id of its own', () => {
  const ids = Object.values(suites).flatMap(({ clauses }) => clauses.map(({ id }) => id))
  expect(new Set(ids).size).toBe(ids.length)
})
