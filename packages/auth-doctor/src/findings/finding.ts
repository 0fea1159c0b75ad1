import { isAuthError, quotable } from '@x/auth-core/base'
import type { TlsDiagnosis } from '@x/tls-profiles'
import type { Finding } from '../report.js'
import { type FindingCode, findingTable, ownCodes, severities } from './table.js'

/** Longer than the detail of an error of ours, since it may contain names of a certificate. */
const maxDetail = 1_000

const documents = 'https://github.com/x/auth/blob/main/docs'

/**
 * The address of the documentation of a code: a code that only the doctor has, or one of the errors of our packages. GitHub makes the anchor
 * from the heading.
 */
export function pageOf(code: FindingCode): string {
  const page = (ownCodes as readonly string[]).includes(code) ? 'findings.md' : 'errors.md'
  return `${documents}/${page}#${code.toLowerCase()}`
}

/** The findings of one run. The same code may occur several times, once for each detail. */
export class Findings {
  readonly #found: Finding[] = []

  add(
    code: FindingCode,
    detail?: string,
    as: Partial<Pick<Finding, 'summary' | 'remedy' | 'severity'>> = {},
  ): void {
    const row = findingTable[code]
    const shown = detail === undefined ? undefined : quotable(detail, maxDetail)
    if (this.#found.some((each) => each.code === code && each.detail === shown)) return
    const { severity, summary, remedy } = { ...row, ...as }
    this.#found.push({ code, severity, summary, detail: shown, remedy, page: pageOf(code) })
  }

  /** Adds what our own packages say about an error; returns false if the error is not theirs. */
  addError(error: unknown): boolean {
    if (!isAuthError(error) || !(error.code in findingTable)) return false
    const said = error.message.replace(` ${error.remedy}`, '')
    const code = error.code as FindingCode
    this.add(code, said === findingTable[code].summary ? undefined : said, { remedy: error.remedy })
    return true
  }

  addTls({ code, summary, remedy }: TlsDiagnosis, severity?: Finding['severity']): void {
    this.add(code, summary === findingTable[code].summary ? undefined : summary, {
      remedy,
      ...(severity && { severity }),
    })
  }

  has(code: FindingCode): boolean {
    return this.#found.some((each) => each.code === code)
  }

  /** The worst come first; those of one severity stay in the order in which they were found. */
  sorted(): readonly Finding[] {
    const rank = ({ severity }: Finding) => severities.indexOf(severity)
    return [...this.#found].sort((a, b) => rank(a) - rank(b))
  }
}
