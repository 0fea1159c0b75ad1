import type { Budget } from './budget.js'
import type { Findings } from './findings/finding.js'
import type { Given, Lookup } from './options.js'
import type { Step } from './report.js'

/** What all probes of one run share. */
export interface Run {
  readonly given: Given
  /** Texts that must not appear in the report. */
  readonly secrets: readonly string[]
  readonly budget: Budget
  readonly findings: Findings
  readonly steps: Step[]
  /** Says what the run is looking at. */
  readonly progress: (what: string) => void
  readonly lookup: Lookup
}

/** Does the work and records how long it took. */
export async function timed<T>(
  { budget, steps }: Pick<Run, 'budget' | 'steps'>,
  name: string,
  work: Promise<T>,
): Promise<T> {
  const begin = budget.clock.now()
  try {
    return await work
  } finally {
    steps.push({ name, ms: budget.clock.now() - begin })
  }
}
