import type { Finding, Report } from './report.js'

type Verdict = Pick<Report, 'verdict' | 'exitCode'>

/** One line about the whole run: the worst finding, or that there is none. */
export function verdictOf(findings: readonly Finding[], login: Report['login']): Verdict {
  return worstOf(
    findings,
    login?.outcome === 'success'
      ? 'No problem was found, and the login works.'
      : 'No problem was found, as far as the doctor can see without a login.',
  )
}

/** The same for options of a Client. */
export function verdictOfConfig(findings: readonly Finding[]): Verdict {
  return worstOf(findings, 'No problem was found in the options.')
}

function worstOf([worst]: readonly Finding[], fine: string): Verdict {
  if (!worst || worst.severity === 'note') {
    return { verdict: { code: 'FINE', severity: 'fine', text: fine }, exitCode: 0 }
  }
  const { code, severity, summary } = worst
  return { verdict: { code, severity, text: summary }, exitCode: severity === 'unreachable' ? 2 : 1 }
}
