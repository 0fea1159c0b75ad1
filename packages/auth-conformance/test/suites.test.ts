import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClauseResult } from '../src/clause.js'
import { mechanismSuite, providerSuite, type TestRunner } from '../src/suites.js'
import { formatResults, summarize } from '../src/table.js'
import { mechanismMutants } from './mutants/mechanism.js'
import { plainSubject, ReferenceMechanism, referenceMechanismSubject } from './mutants/reference-mechanism.js'

const reference = referenceMechanismSubject('reference', new ReferenceMechanism())

/** A test runner that keeps what is registered. */
function recorder() {
  const tests = new Map<string, () => Promise<void>>()
  const runner: TestRunner = {
    describe: (_name, body) => body(),
    test: (name, body) => tests.set(name, body),
  }
  return { tests, runner, find: (id: string) => [...tests].find(([name]) => name.startsWith(id)) }
}

describe('with a test runner', () => {
  test('registers a test for each clause that applies, named by id, level and source', () => {
    const { tests, runner, find } = recorder()
    mechanismSuite(reference, runner)
    expect(find('MECH-11')?.[0]).toMatch(/^MECH-11 must · .+ · sends zero bytes, never a null token$/)
    expect(find('MECH-13')).toBeUndefined()
    const last = [...tests.keys()].at(-1)
    expect(last).toMatch(/clauses apply; the others: .*MECH-13 \(it comes with no known login\)/)
  })

  test('a clause that is kept passes, one that is broken rejects with its id', async () => {
    const { runner, find } = recorder()
    const mutant = mechanismMutants.find(({ breaks }) => breaks === 'MECH-11')
    mechanismSuite(mutant?.subject as typeof reference, runner)
    await expect(find('MECH-10')?.[1]()).resolves.toBeUndefined()
    await expect(find('MECH-11')?.[1]()).rejects.toThrow(/^MECH-11: message 1 is undefined/)
  })

  test('a suite refuses the subject of another', () => {
    expect(() => providerSuite(reference as never)).toThrow(/kind is 'provider'/)
  })
})

test('without a runner: an async iterator of results, in the order of the clauses', async () => {
  const results: ClauseResult[] = []
  for await (const result of mechanismSuite(plainSubject('PLAIN'))) results.push(result)
  expect(results.map(({ id }) => id)).toEqual([...results.map(({ id }) => id)].sort())
  expect(results.find(({ id }) => id === 'MECH-10')).toMatchObject({ subject: 'PLAIN', outcome: 'passed' })
  expect(results.find(({ id }) => id === 'MECH-12')).toMatchObject({
    outcome: 'not-applicable',
    reason: 'the client speaks first in it',
  })
})

const result = (changes: Partial<ClauseResult>): ClauseResult => ({
  subject: 'one',
  id: 'PROV-01',
  level: 'must',
  source: 'somewhere',
  title: 'keeps its word',
  outcome: 'passed',
  reason: undefined,
  durationMs: 1,
  ...changes,
})

test('the table counts, and gives the reason for each clause that did not pass', () => {
  const results = [
    result({}),
    result({ id: 'PROV-02', outcome: 'failed', reason: 'it did not' }),
    result({ id: 'PROV-03', outcome: 'failed', level: 'should', reason: 'nor here' }),
    result({ id: 'PROV-04', outcome: 'not-applicable', reason: 'no words' }),
    result({
      subject: 'two',
      id: 'PROV-05',
      outcome: 'untested',
      level: 'untested',
      reason: 'nobody can tell',
    }),
  ]
  expect(summarize(results)).toEqual({ passed: 1, failed: 2, notApplicable: 1, untested: 1, mustFailed: 1 })
  const table = formatResults(results)
  expect(table).toMatch(/^FAILED +PROV-02 +must +keeps its word\n +it did not$/m)
  expect(table).toMatch(/^1 passed, 2 failed, 1 not applicable, 0 untested$/m)
  expect(table).toMatch(/^two$/m)
})

describe('the command', () => {
  const hook = join(__dirname, '../../../scripts/typescript.cjs')
  const folder = mkdtempSync(join(tmpdir(), 'x-auth-conformance-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  function command(...args: string[]) {
    const cli = join(__dirname, '..', 'src', 'cli.ts')
    return spawnSync(process.execPath, ['--require', hook, cli, '--require', hook, ...args], {
      encoding: 'utf8',
    })
  }

  /** A module with one subject from our mutants. */
  function moduleOf(name: string, expression: string): string {
    const file = join(folder, name)
    const mutants = JSON.stringify(join(__dirname, 'mutants', 'mechanism.ts'))
    writeFileSync(file, `const m = require(${mutants})\nmodule.exports = ${expression}\n`)
    return file
  }

  test('prints a table and progress, and exits with 0 when every promise is kept', () => {
    const { status, stdout, stderr } = command(
      moduleOf('good.cjs', 'm.mechanismReferences[1]'),
      '--only',
      'MECH-1',
    )
    expect(stdout).toMatch(/^ok +MECH-10/m)
    expect(stdout).not.toMatch(/MECH-20/)
    expect(stderr).toMatch(/\d+\/\d+/)
    expect(status).toBe(0)
  })

  test('exits with 1 when a clause at level must is broken, and prints JSON if asked', () => {
    const file = moduleOf('bad.cjs', "m.mechanismMutants.find((each) => each.breaks === 'MECH-12').subject")
    const { status, stdout } = command(file, '--json')
    const failed = (JSON.parse(stdout) as ClauseResult[]).filter(({ outcome }) => outcome === 'failed')
    expect(failed.map(({ id }) => id)).toEqual(['MECH-12'])
    expect(status).toBe(1)
  })

  test.each([
    ['without a module', []],
    ['with a missing module', ['missing.cjs']],
    ['with an unknown option', ['--fast', 'good.cjs']],
  ])('exits with 2 %s', (_, args) => {
    const { status, stderr } = command(...args)
    expect(status).toBe(2)
    expect(stderr).not.toBe('')
  })
})
