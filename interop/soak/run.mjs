/**
 * Runs a soak of three real Cassandra nodes: all kinds of change in random order, with chaos between them
 * (docs/soak.md).
 *
 *   npm run soak -- [--hours N | --minutes N] [--seed N] [--only KIND]… [--write]
 *
 * The default is an hour. The same seed gives the same order. The page, the picture and the numbers are written to .cache/soak; `--write`
 * writes them to docs, if nothing failed. The last line is `N passed, N failed`: the runs of kinds, and the checks at the end.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { argumentsOf } from '../../scripts/arguments.mjs'
import { removeFolder, repositoryRoot } from '../lib/paths.mjs'
import { endLeftovers, exitOnSignals } from '../lib/processes.mjs'
import { requireTools } from '../lib/tools.mjs'
import { allKinds } from './declaration.mjs'
import { dataOf, writeReport } from './report/files.mjs'
import { soak } from './soak.mjs'

const { values } = argumentsOf({
  options: {
    hours: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string', multiple: true },
    write: { type: 'boolean', default: false },
  },
})
const only = values.only
const seed =
  values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : numberOf('seed', values.seed, 0)
const seconds = secondsOf(values)
await checkKinds()

const folder = mkdtempSync(join(tmpdir(), 'x-auth-soak-'))
process.env['XAUTH_RUN_FOLDER'] = folder
exitOnSignals()
process.once('exit', () => {
  endLeftovers(folder)
  removeFolder(folder)
})
requireTools('java', 'mvn')
console.log(`soak of ${seconds} s, seed ${seed}`)
let failed = 1
let passed = 0
try {
  const recording = await soak({ seed, seconds, ...(only && { only }) })
  for (const { what, complaints } of recording.checks) {
    console.log(`${complaints.length === 0 ? '✓' : '✗'} ${what}`)
    for (const complaint of complaints) console.log(`    ${complaint}`)
  }
  failed = recording.checks.reduce((sum, { complaints }) => sum + complaints.length, 0)
  passed = recording.runs.length + recording.checks.filter(({ complaints }) => complaints.length === 0).length
  const data = dataOf(recording)
  writeReport(join(repositoryRoot, '.cache', 'soak'), await allKinds(), data)
  if (values.write && failed > 0) console.log('nothing was written to docs, because there are failures')
  else if (values.write) writeReport(join(repositoryRoot, 'docs'), await allKinds(), data)
} catch (error) {
  console.error(error)
}
if (failed > 0) console.log(`the same again: npm run soak -- --minutes ${seconds / 60} --seed ${seed}`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

/** @param {{ hours?: string | undefined, minutes?: string | undefined }} values */
function secondsOf({ hours, minutes }) {
  if (hours !== undefined && minutes !== undefined)
    refuse('--hours and --minutes are two ways to say one thing: give one of them')
  if (minutes !== undefined) return numberOf('minutes', minutes, 0.1) * 60
  return numberOf('hours', hours ?? '1', 0.01) * 3_600
}

/** @param {string} name @param {string} text @param {number} least */
function numberOf(name, text, least) {
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number) || number < least)
    refuse(`--${name} must be a number of at least ${least}`)
  return number
}

async function checkKinds() {
  const names = (await allKinds()).map(({ name }) => name)
  const unknown = only?.filter((name) => !names.includes(name)) ?? []
  if (unknown.length > 0) refuse(`no kind called ${unknown.join(', ')}; there are: ${names.join(', ')}`)
}

/** @param {string} complaint @returns {never} */
function refuse(complaint) {
  console.error(complaint)
  process.exit(2)
}
