/**
 * Runs the conformance suites and writes tables with the results: into the README of @x/auth-conformance for the
 * driver's providers, AWS's plugin and our providers; into the README of @x/tls-profiles for plain `sslOptions` and
 * profiles. With --check nothing is written, and a difference is a failure. With --reasons the reason of each failure is
 * printed too. AWS's plugin (110 MB with its SDK) is installed once, into the cache.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { argumentsOf } from './arguments.mjs'
import { Checks, root, run } from './lib.mjs'

const { check, reasons } = argumentsOf({
  options: { check: { type: 'boolean', default: false }, reasons: { type: 'boolean', default: false } },
}).values
const require = createRequire(import.meta.url)
const { runIsolated } = require('../packages/auth-conformance/dist/index.js')
const [begin, end] = ['<!-- conformance table -->', '<!-- end of conformance table -->']

/**
 * Exact versions, also of packages for which the plugin gives a range, so that the table does not change from day to
 * day.
 */
const foreign = {
  dependencies: { 'aws-sigv4-auth-cassandra-plugin': '1.0.5', 'cassandra-driver': '4.10.0' },
  overrides: { 'aws-sdk': '2.1692.0', 'cassandra-driver': '$cassandra-driver', 'crypto-js': '4.2.0' },
}

/** The tables, and the columns of each: the heading, the module with the subjects, and the name of the subject. */
const tables = [
  {
    readme: 'packages/auth-conformance/README.md',
    promise: 'a provider …',
    columns: [
      ['the driver: `PlainTextAuthProvider`', 'stock.mjs', 'PlainTextAuthProvider'],
      ['the driver: `DsePlainTextAuthProvider`', 'stock.mjs', 'DsePlainTextAuthProvider'],
      ['`@x/auth-plaintext`', 'ours.mjs', '@x/auth-plaintext'],
      ['AWS: `aws-sigv4-auth-cassandra-plugin` 1.0.5', 'aws.mjs', 'aws-sigv4-auth-cassandra-plugin'],
      ['`@x/auth-sigv4`', 'ours.mjs', '@x/auth-sigv4'],
    ],
  },
  {
    readme: 'packages/tls-profiles/README.md',
    promise: 'the options …',
    columns: [
      ['`{ ca }`', 'tls.mjs', 'ca'],
      ['`{ ca, rejectUnauthorized: true }`', 'tls.mjs', 'ca, rejectUnauthorized'],
      ['`verifyServer({ ca })`', 'tls.mjs', '@x/tls-profiles: verifyServer'],
      ['`{ ca, cert, key }`', 'tls.mjs', 'ca, cert, key'],
      ['`{ ca, cert, key, rejectUnauthorized: true }`', 'tls.mjs', 'ca, cert, key, rejectUnauthorized'],
      ['`mutual({ ca, cert, key })`', 'tls.mjs', '@x/tls-profiles: mutual'],
    ],
  },
]
const signs = { passed: '✓', failed: '**✗**', 'not-applicable': '–' }

const checks = new Checks()
const results = []
await checks.check('install AWS’s plugin', installForeign)
for (const module of new Set(tables.flatMap(({ columns }) => columns.map(([, file]) => file)))) {
  await checks.check(`run the suite on ${module}`, () => runOn(module))
}
await checks.check('our providers and profiles keep every promise', () => {
  const broken = results.filter(({ subject, outcome }) => subject.startsWith('@x/') && outcome === 'failed')
  if (broken.length > 0)
    throw new Error(broken.map(({ subject, id, reason }) => `${subject} ${id}: ${reason}`).join('\n'))
})
for (const table of tables) await checks.check(`the table in ${table.readme}`, () => writeTable(table))
if (reasons) printReasons()
checks.finish()

function installForeign() {
  const { XAUTH_CACHE } = process.env
  const key = createHash('sha256').update(JSON.stringify(foreign)).digest('hex').slice(0, 12)
  const folder = join(XAUTH_CACHE ? resolve(XAUTH_CACHE) : join(root, '.cache'), `foreign-providers-${key}`)
  process.env.XAUTH_FOREIGN = folder
  const stamp = join(folder, 'installed')
  if (existsSync(stamp)) return
  console.log(`  installing into ${folder} (110 MB, once) …`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'foreign-providers', private: true, ...foreign }),
  )
  const npm = process.env.npm_execpath
  const args = [
    'install',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--ignore-scripts',
    '--no-package-lock',
  ]
  const installed = npm
    ? run(process.execPath, [npm, ...args], { cwd: folder })
    : run('npm', args, { cwd: folder })
  if (installed.ok) writeFileSync(stamp, '')
  return installed
}

async function runOn(module) {
  for await (const result of runIsolated(join(root, 'scripts/conformance', module))) results.push(result)
}

function writeTable(table) {
  const file = join(root, table.readme)
  const before = readFileSync(file, 'utf8')
  const [head, rest] = before.split(begin)
  const tail = rest?.split(end)[1]
  if (tail === undefined) throw new Error(`it needs the lines ${begin} and ${end}`)
  const after = `${head}${begin}\n${renderTable(table)}\n${end}${tail}`
  if (after === before) return
  if (check) {
    const lines = before.split('\n')
    const changed = after.split('\n').filter((line) => !lines.includes(line))
    throw new Error(`the table has changed; run: node scripts/conformance-table.mjs\n${changed.join('\n')}`)
  }
  writeFileSync(file, after)
  console.log(`  wrote ${table.readme}`)
}

function renderTable({ promise, columns }) {
  const clauses = results.filter(({ subject }) => subject === columns[0][2])
  const rows = clauses.filter(({ level }) => level !== 'untested').map((clause) => renderRow(clause, columns))
  const sum = columns.map(([, , subject]) => {
    const count = (outcome) =>
      results.filter((each) => each.subject === subject && each.outcome === outcome).length
    return `${count('failed')} of ${count('failed') + count('passed')} broken`
  })
  return [
    `| clause | level | promise: ${promise} | ${columns.map(([heading]) => heading).join(' | ')} |`,
    `|---|---|---|${columns.map(() => ':-:|').join('')}`,
    ...rows,
    `| | | **${clauses.length} clauses** | ${sum.join(' | ')} |`,
  ].join('\n')
}

function renderRow({ id, level, title }, columns) {
  const marks = columns.map(([, , subject]) => {
    const result = results.find((each) => each.subject === subject && each.id === id)
    return signs[result?.outcome] ?? '?'
  })
  return `| ${id} | ${level} | ${title.replaceAll('|', '\\|')} | ${marks.join(' | ')} |`
}

function printReasons() {
  for (const { subject, id, outcome, reason } of results) {
    if (outcome === 'failed') console.log(`${subject} ${id}: ${reason}`)
  }
}
