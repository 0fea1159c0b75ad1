/** `docs/benchmarks.md`: one section for each row, which a run of that row replaces. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { chart, chartData } from './chart.mjs'
import { repositoryRoot } from './paths.mjs'
import { asMarkdown, goalLines, table } from './render.mjs'

const file = join(repositoryRoot, 'docs', 'benchmarks.md')
const charts = join(repositoryRoot, 'docs', 'benchmarks')

const introduction = `# Benchmarks

<!-- Written by \`npm run bench\`; do not edit. -->

This page shows what the packages cost: CPU time for each login, compared with the driver's own providers and with other clients, and the
time and space that they need to load and to install. \`npm run bench\` repeats all measurements and rewrites this page. \`npm run bench -- NAME …\` runs single rows and only prints them; with
\`--write\` it also writes them here.

How to read it: each cell is the median of the repeats, then [smallest–largest]. In every repeat each subject runs once, in a fresh
process, in changing order. A ratio (or a difference) compares two subjects of the same repeat, so other work of the machine affects
both. An interval that contains 1 means that the difference was not resolved. CPU is the CPU time of the whole process with all
threads; servers have their own processes. In the charts a bar is the median, the line over it goes from the smallest to the largest
value, and a dashed line is the goal.
`

/** What a reader must know about the machine. */
export function machine() {
  const load = loadavg()[0] ?? 0
  const other = process.platform === 'win32' ? '' : `, load average ${load.toFixed(1)} before the run`
  return `Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} cores${other}`
}

/**
 * @param {string} name of the row
 * @param {import('./row.mjs').Row} row
 * @param {import('./run-row.mjs').RowResult} result
 * @param {string} where the machine
 */
export function section(name, row, result, where) {
  const goals = goalLines(row, result).map((line) => `- ${line}`)
  const date = new Date().toISOString().slice(0, 10)
  const repeats = result.repeats > 1 ? `, ${result.repeats} repeats` : ''
  return [
    `## ${row.title}`,
    row.about,
    asMarkdown(table(row, result)),
    picture(name, row.title),
    ...(goals.length > 0 ? [`Goals:\n${goals.join('\n')}`] : []),
    `<sub>\`npm run bench -- ${name}\` · ${date} · ${where}${repeats}</sub>`,
  ].join('\n\n')
}

/**
 * Writes the given sections, keeps the sections of other rows, and removes the sections of rows that no longer exist.
 * @param {readonly string[]} names of all rows, in their order
 * @param {ReadonlyMap<string, string>} fresh
 */
export function writeDocument(names, fresh) {
  const before = existsSync(file) ? sectionsOf(readFileSync(file, 'utf8')) : new Map()
  const sections = names.flatMap((name) => {
    const text = fresh.get(name) ?? before.get(name)
    return text === undefined ? [] : [`<!-- row: ${name} -->\n${text}\n<!-- /row -->\n`]
  })
  writeFileSync(file, [introduction, ...sections].join('\n'))
  rmSync(charts, { recursive: true, force: true })
  mkdirSync(charts, { recursive: true })
  for (const [name, text] of chartsOf(readFileSync(file, 'utf8'))) writeFileSync(join(charts, name), text)
}

/** The chart of each section, by its file name. The charts are made from the document. @param {string} document */
export function chartsOf(document) {
  return [...sectionsOf(document)].map(
    ([name, text]) => /** @type {const} */ ([`${name}.svg`, chart(chartData(text))]),
  )
}

/** @param {string} name of the row @param {string} title */
function picture(name, title) {
  return `![Chart: ${title}](benchmarks/${name}.svg)`
}

/** @param {string} text @returns {Map<string, string>} */
export function sectionsOf(text) {
  return new Map(
    [...text.matchAll(/<!-- row: (\S+) -->\n([\s\S]*?)\n<!-- \/row -->/g)].map(([, name = '', body = '']) => [
      name,
      body,
    ]),
  )
}
