/**
 * Tests the connection record with each version of the driver on each major version of Node.js: right, wrong and missing proofs
 * in AUTH_SUCCESS; SCRAM-SHA-256-PLUS with both binding types; a refusal; a server that asks for no login. Node.js and the
 * drivers come from npm and are kept in the cache (`XAUTH_CACHE`, or `.cache/`).
 *
 *   npm run test:matrix                  prints the table of docs/decisions/connection-record.md
 *   npm run test:matrix -- --write       and writes it there
 *
 * The last line is `N passed, N failed`.
 */
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { argumentsOf } from './arguments.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const cache = join(
  process.env.XAUTH_CACHE ? resolve(process.env.XAUTH_CACHE) : join(root, '.cache'),
  'matrix',
)
const document = join(root, 'docs', 'decisions', 'connection-record.md')

const { write } = argumentsOf({ options: { write: { type: 'boolean', default: false } } }).values
const nodes = ['20', '22', '24', '26']
const drivers = ['4.6.4', '4.7.0', '4.7.1', '4.7.2', '4.8.0', '4.9.0', '4.10.0']
/** These versions use util.isDate, which Node.js 23 removed, so they do not start there. */
const outdated = (driver, node) => Number(node) > 22 && ['4.6.4', '4.7.0', '4.7.1', '4.7.2'].includes(driver)

const total = { passed: 0, failed: 0 }
const versions = nodes.map(nodeVersion)
const rows = []
for (const driver of drivers) {
  const cells = []
  for (const node of nodes) cells.push(await cell(driver, node))
  rows.push([driver, ...cells])
}
const table = [
  ['driver', ...versions.map((version) => `Node.js ${version}`)],
  ['---', ...nodes.map(() => '---')],
  ...rows,
]
  .map((cells) => `| ${cells.join(' | ')} |`)
  .join('\n')
console.log(`\n${table}\n`)
if (write && total.failed === 0) {
  const marks = /(<!-- matrix -->\n)(?:.*\n)*?(<!-- \/matrix -->)/
  writeFileSync(document, readFileSync(document, 'utf8').replace(marks, `$1${table}\n$2`))
}
if (total.failed > 0) process.exitCode = 1
console.log(`${total.passed} passed, ${total.failed} failed`)

/** The cell of the table for one driver on one major version of Node.js. */
async function cell(driver, node) {
  const result = await run(driver, node)
  const sum = (key) => Object.values(result).reduce((all, row) => all + row[key], 0)
  const good =
    result.fails === undefined
      ? sum('kept') === sum('tried')
      : outdated(driver, node) && result.fails.includes('util.isDate')
  total[good ? 'passed' : 'failed']++
  console.log(`${good ? '✓' : '✖'} driver ${driver}, Node.js ${node}: ${JSON.stringify(result)}`)
  return result.fails === undefined ? `${sum('kept')} of ${sum('tried')}` : 'does not start'
}

async function run(driver, node) {
  const DRIVER = join(installed(`driver-${driver}`, `cassandra-driver@${driver}`), 'cassandra-driver')
  const args = ['--require', join(root, 'scripts/typescript.cjs'), join(root, 'scripts/matrix/logins.cjs')]
  const { stdout } = await promisify(execFile)(binaryOf(node), args, {
    cwd: root,
    env: { ...process.env, DRIVER },
    timeout: 300_000,
  })
  return JSON.parse(stdout.trim().split('\n').at(-1))
}

function binaryOf(node) {
  return join(installed(`node-${node}`, `node@${node}`), 'node', 'bin', 'node')
}

function nodeVersion(node) {
  return spawnSync(binaryOf(node), ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1)
}

/** The node_modules folder that npm created for this package. */
function installed(name, spec) {
  const folder = join(cache, name)
  const modules = join(folder, 'node_modules')
  // npm writes this file last.
  if (!existsSync(join(modules, '.package-lock.json'))) {
    mkdirSync(folder, { recursive: true })
    const args = ['install', '--no-audit', '--no-fund', '--no-save', '--prefix', folder, spec]
    const { status, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(`npm could not install ${spec}: ${stderr.trim()}`)
  }
  return modules
}
