/** The suite itself is tested: for each clause there is a mutant that only this clause notices. */
import { join } from 'node:path'
import type { ClauseResult } from '../src/clause.js'
import { runIsolated } from '../src/run-isolated.js'
import { type Subject, suiteOf, suites } from '../src/suites.js'
import { mutants, references } from './mutants/index.js'

/**
 * Each test waits for the clauses of its subject, and the run ends by itself, however fast the machine is: each clause has a
 * bound that is counted in steps, and a child that says nothing is ended. A bound in time would measure the machine.
 */
const noBound = 2 ** 31 - 1

const subjects: readonly Subject[] = [...references, ...mutants.map(({ subject }) => subject)]

/** What is known of a subject, and who waits for the rest. */
class Verdict {
  readonly results: ClauseResult[] = []
  readonly complete: Promise<void>
  #settle: { resolve: () => void; reject: (reason: unknown) => void } | undefined

  constructor(readonly clauses: number) {
    this.complete = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    // Anyone who waits for it hears of it.
    this.complete.catch(() => undefined)
  }

  add(result: ClauseResult): void {
    this.results.push(result)
    if (this.results.length === this.clauses) this.#settle?.resolve()
  }

  /** The run is over: what is missing now never comes. */
  end(reason: unknown): void {
    this.#settle?.reject(reason)
  }
}

const verdicts = new Map(
  subjects.map((subject) => [subject.name, new Verdict(suiteOf(subject).clauses.length)]),
)

beforeAll(() => {
  void run()
})

/** All subjects together, two processes at a time; a process for each would load everything 200 times. */
async function run(): Promise<void> {
  const hook = join(__dirname, '../../../scripts/typescript.cjs')
  const module = join(__dirname, 'mutants', 'subjects.ts')
  let reason: unknown = new Error('the run ended without a result of each clause')
  try {
    const all = runIsolated(module, {
      execArgv: ['--require', hook],
      concurrency: 10,
      processes: 2,
      stuckAfterMs: 120_000,
      onProgress: ({ last }) => verdicts.get(last.subject)?.add(last),
    })
    while (!(await all.next()).done);
  } catch (error) {
    reason = error
  }
  for (const verdict of verdicts.values()) verdict.end(reason)
}

async function failuresOf(name: string): Promise<string[]> {
  const verdict = verdicts.get(name) as Verdict
  await verdict.complete
  return verdict.results
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ id, reason }) => `${id}: ${reason}`)
}

test.each(references.map(({ name }) => name))(
  '%s keeps every promise',
  async (name) => {
    expect(await failuresOf(name)).toEqual([])
  },
  noBound,
)

test.each(mutants.map(({ breaks, subject }) => [breaks, subject.name]))(
  'only %s notices «%s»',
  async (breaks, name) => {
    expect(await failuresOf(name)).toEqual([expect.stringMatching(new RegExp(`^${breaks}: `))])
  },
  noBound,
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
