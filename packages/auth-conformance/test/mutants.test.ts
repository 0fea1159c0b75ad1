/** The suite itself is tested: for each clause there is a mutant that only this clause notices. */
import { join } from 'node:path'
import type { ClauseResult } from '../src/clause.js'
import { runIsolated } from '../src/run-isolated.js'
import { type Subject, suiteOf, suites } from '../src/suites.js'
import { mutants, references } from './mutants/index.js'

/**
 * Each test waits for the clauses of its subject. The run ends without a time-out here, at any speed of the machine:
 * each clause has a limit that is counted in steps, and a silent child is ended. A limit in time would measure the
 * machine.
 */
const noBound = 2 ** 31 - 1

const subjects: readonly Subject[] = [...references, ...mutants.map(({ subject }) => subject)]

/** The results of a subject so far, and a promise for the rest. */
class Verdict {
  readonly results: ClauseResult[] = []
  readonly complete: Promise<void>
  #settle: { resolve: () => void; reject: (reason: unknown) => void } | undefined

  constructor(readonly clauses: number) {
    this.complete = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    // A test that waits for it gets the error.
    this.complete.catch(() => undefined)
  }

  add(result: ClauseResult): void {
    this.results.push(result)
    if (this.results.length === this.clauses) this.#settle?.resolve()
  }

  /** The run has ended: results that are missing now will not come. */
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

/** Runs all subjects together, two processes at a time. A process for each would load everything 200 times. */
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

test('every tested clause has a mutant', () => {
  const tested = Object.values(suites).flatMap(({ clauses }) =>
    clauses.filter(({ level }) => level !== 'untested'),
  )
  const mutated = new Set(mutants.map(({ breaks }) => breaks))
  expect(tested.map(({ id }) => id).filter((id) => !mutated.has(id))).toEqual([])
})

test('every clause has its own id', () => {
  const ids = Object.values(suites).flatMap(({ clauses }) => clauses.map(({ id }) => id))
  expect(new Set(ids).size).toBe(ids.length)
})
