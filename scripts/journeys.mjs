/** Renders the steps of each journey of examples/migration for docs/migration.md, and the figures of the suites that run them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { itinerary } from '../examples/migration/journey.mjs'
import { journeys } from '../examples/migration/journeys/index.mjs'
import { gaps, rows as recoveryRows } from '../interop/lib/recovery-rows.mjs'
import { root } from './lib.mjs'
import { fillSnippets } from './snippets.mjs'

const folder = 'examples/migration/journeys'

/** @param {string} page its name, for errors */
export function renderJourneys(page) {
  const files = readdirSync(join(root, folder)).filter((file) => !['index.mjs', 'states.mjs'].includes(file))
  const missing = files.map((file) => file.replace(/\.mjs$/, '')).filter((name) => !(name in journeys))
  if (missing.length > 0) throw new Error(`${folder}/index.mjs lacks ${missing.join(', ')}`)
  const sections = Object.entries(journeys).map(([name, journey]) => section(name, journey))
  return fillSnippets(`\n${sections.join('\n')}`, page)
}

function section(name, journey) {
  const { there, back } = itinerary(journey)
  const lines = [
    `## ${journey.title}`,
    '',
    journey.about,
    '',
    `<!-- snippet: ${folder}/${name}.mjs#client -->`,
    '```js',
    '```',
    '',
    'The nodes have:',
    ...yaml(journey.from.yaml),
    '',
    ...there.flatMap(({ step, cql, onFirst }, index) => [
      `${index + 1}. ${step.text}`,
      ...statements(cql),
      ...(step.nodes?.yaml ? yaml(step.nodes.yaml) : []),
      ...(onFirst.length > 0 ? ['On the first node, as a superuser:', ...statements(onFirst)] : []),
    ]),
  ]
  if (journey.end) lines.push(`${there.length + 1}. ${journey.end}`)
  if (there.some(({ step }) => step.cql && !step.undo))
    throw new Error(`${name} has a step with CQL and without \`undo\``)
  const undo = back.flatMap(({ cql }) => cql)
  lines.push(
    '',
    `To go back, ${there.length > 1 ? 'undo the same steps in the other order' : 'undo the step'}.`,
  )
  if (undo.length > 0) lines.push('These statements undo the changes in the cluster:', ...statements(undo))
  return `${lines.join('\n')}\n`
}

const statements = (cql) => (cql.length > 0 ? ['```sql', ...cql.map((line) => `${line};`), '```'] : [])
const yaml = (settings) => ['```yaml', ...yamlLines(settings), '```']

/** Maps, lists and plain values are enough for the journeys. */
function yamlLines(settings, indent = '') {
  return Object.entries(settings).flatMap(([key, value]) => {
    if (Array.isArray(value)) return [`${indent}${key}: [${value.join(', ')}]`]
    if (typeof value === 'object') return [`${indent}${key}:`, ...yamlLines(value, `${indent}  `)]
    return [`${indent}${key}: ${value}`]
  })
}

/** The figures of the last run with --figures. A journey that no suite runs is an error. */
export function renderFigures() {
  const suites = readdirSync(join(root, 'interop/suites'))
    .map((file) => readFileSync(join(root, 'interop/suites', file), 'utf8'))
    .filter((text) => text.includes('journeySuite('))
  const idle = Object.keys(journeys).filter((name) => !suites.some((text) => text.includes(`'${name}'`)))
  if (idle.length > 0) throw new Error(`no suite runs ${idle.join(', ')}`)
  const figures = read('examples/migration/figures.json')
  const missing = Object.keys(journeys).filter((name) => !(name in figures))
  if (missing.length > 0) {
    throw new Error(`no run has counted ${missing.join(', ')}: node interop/run.mjs SUITE --figures`)
  }
  const rows = Object.entries(figures).map(([key, { restarts, queries, failed, control }]) => {
    const [name, version = '5.0'] = key.split(' on ')
    const { title } = journeys[name]
    return `| ${title} | ${version} | ${restarts} | ${queries} | ${failed} | ${control.failed} of ${control.queries}, ${control.restarts} |`
  })
  return [
    '| migration, forward and back | Cassandra | times a node went down | queries | failed queries | the control: failed queries, times a node went down |',
    '| --- | --- | --: | --: | --: | --- |',
    ...rows,
  ].join('\n')
}

/** The table of the times until a change is used. A row that nothing has measured, and a kind or a migration that has no row, is an error here. */
export function renderRecoveryTimes() {
  const measured = read('interop/recovery-times.json')
  const names = Object.keys(recoveryRows)
  const wrong = [
    ...gaps(),
    ...names
      .filter((name) => !(name in measured))
      .map((name) => `nothing has measured "${name}": node interop/run.mjs recovery --figures`),
    ...Object.keys(measured)
      .filter((name) => !names.includes(name))
      .map((name) => `interop/lib/recovery-rows.mjs has no row "${name}"`),
  ]
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
  return [
    '| what changes | fastest, ms | median | slowest | refused meanwhile | the node itself, s |',
    '| --- | --: | --: | --: | --: | --: |',
    ...names.map((name) => {
      const { fastest, median, slowest, refused, node } = measured[name]
      return `| ${name} | ${fastest} | ${median} | ${slowest} | ${refused} | ${node === undefined ? '–' : (node / 1000).toFixed(1)} |`
    }),
  ].join('\n')
}

function read(path) {
  const file = join(root, path)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}
