/**
 * Tests what clients accept from a lying server, and writes the table into docs/sasl.md. `--check` only compares.
 *
 *   node interop/sasl/lying-table.mjs [--check]
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '../lib/paths.mjs'
import { ourClient, scramClients, startPureSasl, titles } from './lying/clients.mjs'
import { digestRows, scramRows } from './lying/lies.mjs'

const document = join(repositoryRoot, 'docs/sasl.md')
const markers = ['<!-- lying servers: made by interop/sasl/lying-table.mjs -->', '<!-- /lying servers -->']

const patienceMs = 5_000

/** @type {import('@x/auth-testserver').ConnectionInfo} */
const connection = {
  id: 1,
  address: '127.0.0.1',
  port: 9042,
  remoteAddress: '127.0.0.1',
  remotePort: 1,
  protocolVersion: 4,
  startupOptions: {},
}

const text = readFileSync(document, 'utf8')
const [begin = '', end = ''] = markers
const [before, rest] = text.split(begin)
const after = rest?.split(end)[1]
if (before === undefined || after === undefined)
  throw new Error(`docs/sasl.md lacks the markers ${markers.join(' … ')}`)
const digest = await digestTable()
const made = `${before}${begin}\n${await scramTable()}\n\n${digest}\n${end}${after}`
if (!process.argv.includes('--check')) writeFileSync(document, made)
else if (made !== text) {
  console.error('docs/sasl.md is out of date: node interop/sasl/lying-table.mjs')
  process.exitCode = 1
}
// A client may still be computing.
process.exit()

async function scramTable() {
  const clients = { ours: ourClient('SCRAM-SHA-256'), ...(await scramClients()) }
  const rows = []
  for (const { title, serve } of scramRows) {
    const cells = []
    for (const [name, client] of Object.entries(clients)) {
      const exchange = serve(name === 'sasl-scram-sha-1' ? 'SCRAM-SHA-1' : 'SCRAM-SHA-256')(connection)
      cells.push(await bounded(client(exchange)))
    }
    rows.push([title, ...cells])
  }
  return table(['the server sends, in SCRAM', ...Object.keys(clients).map(titleOf)], rows)
}

/** @param {Promise<string>} verdict */
function bounded(verdict) {
  const late = `computes for more than ${patienceMs / 1000} s`
  return Promise.race([verdict, new Promise((resolve) => setTimeout(resolve, patienceMs, late).unref())])
}

async function digestTable() {
  const ours = ourClient('DIGEST-MD5')
  const pureSasl = await startPureSasl()
  try {
    const rows = []
    for (const { title, serve } of digestRows) {
      rows.push([title, await ours(serve()(connection)), await pureSasl.client(serve()(connection))])
    }
    return table(['the server sends, in DIGEST-MD5', ...['ours', 'pure-sasl'].map(titleOf)], rows)
  } finally {
    await pureSasl.stop()
  }
}

/** @param {string} name */
function titleOf(name) {
  return titles[/** @type {keyof typeof titles} */ (name)]
}

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} rows */
function table(head, rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
