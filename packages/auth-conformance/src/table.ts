import type { ClauseResult, Outcome } from './clause.js'

/** The counts of a run. */
export interface Summary {
  readonly passed: number
  readonly failed: number
  readonly notApplicable: number
  readonly untested: number
  /** How many of the failed clauses have the level `must`. */
  readonly mustFailed: number
}

const signs: Readonly<Record<Outcome, string>> = {
  passed: 'ok',
  failed: 'FAILED',
  'not-applicable': 'n/a',
  untested: 'untested',
}

/** Counts a run's outcomes. */
export function summarize(results: readonly ClauseResult[]): Summary {
  const count = (outcome: Outcome) => results.filter((result) => result.outcome === outcome).length
  return {
    passed: count('passed'),
    failed: count('failed'),
    notApplicable: count('not-applicable'),
    untested: count('untested'),
    mustFailed: results.filter(({ outcome, level }) => outcome === 'failed' && level === 'must').length,
  }
}

/** The results as text for a terminal: a table for each subject, with the reason below each clause that did not pass. */
export function formatResults(results: readonly ClauseResult[]): string {
  const subjects = [...new Set(results.map(({ subject }) => subject))]
  return subjects
    .map((subject) =>
      formatSubject(
        subject,
        results.filter((result) => result.subject === subject),
      ),
    )
    .join('\n')
}

function formatSubject(subject: string, results: readonly ClauseResult[]): string {
  const { passed, failed, notApplicable, untested } = summarize(results)
  const lines = results.flatMap(({ id, level, outcome, title, reason }) => {
    const line = `${signs[outcome].padEnd(9)}${id.padEnd(9)}${level.padEnd(9)} ${title}`
    return reason === undefined ? [line] : [line, `${' '.repeat(28)}${reason}`]
  })
  const counts = `${passed} passed, ${failed} failed, ${notApplicable} not applicable, ${untested} untested`
  return [`\n${subject}`, ...lines, counts].join('\n')
}
