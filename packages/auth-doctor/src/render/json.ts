import type { ConfigReport, Report } from '../report.js'

/** The report as `--json` prints it: one object, which report.schema.json describes. Unknown values are left out. */
export function renderJson(report: Report | ConfigReport): string {
  return `${JSON.stringify(report, null, 2)}\n`
}
