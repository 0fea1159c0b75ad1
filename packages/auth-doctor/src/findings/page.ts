import { type FindingCode, findingTable, ownCodes } from './table.js'

/** The page of one code, for a terminal; undefined for a code that does not exist. */
export function explainCode(code: string): string | undefined {
  if (!Object.hasOwn(findingTable, code)) return undefined
  const { severity, summary, remedy } = findingTable[code as FindingCode]
  return `${code} (${severity})\n${summary}\n${remedy}\n`
}

/** The rows of docs/findings.md: a section for each code that only the doctor has, with its anchor. */
export function renderFindings(): string {
  return ownCodes
    .map((code) => {
      const { severity, summary, remedy } = findingTable[code]
      return `### ${code}\n\n*${severity}* · ${summary}\n\n${remedy}\n`
    })
    .join('\n')
}
