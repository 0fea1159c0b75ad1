import type { ConfigReport, Report } from '../report.js'

/** The report as `--json` prints it: one object, described by report.schema.json. What is not known is left out. */
export function renderJson(report: Report | ConfigReport): string {
  return `${JSON.stringify(report, null, 2)}\n`
}
