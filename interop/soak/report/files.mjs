/** The report of a soak: a page, a picture, and the numbers of both. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { repositoryRoot } from '../../lib/paths.mjs'
import { page } from './page.mjs'
import { timeline } from './timeline.mjs'

/** @typedef {import('../soak.mjs').Recording} Recording */
/** @typedef {'ours' | 'control'} SideName */

/**
 * The stored data of a run.
 * @typedef {ReturnType<typeof dataOf> & { note?: string }} Data `note`: a person's remark about the run
 */

const biome = join(repositoryRoot, 'node_modules/@biomejs/biome/bin/biome')
const require = createRequire(import.meta.url)
const buckets = 300

/** @param {Recording} recording */
export function dataOf({ samples, runs, ...rest }) {
  const everySeconds = Math.max(2, Math.ceil(rest.seconds / buckets))
  /** @param {SideName} side */
  const seriesOf = (side) => {
    const count = Math.max(1, Math.floor(rest.seconds / everySeconds))
    const succeeded = Array(count).fill(0)
    const failed = Array(count).fill(0)
    for (const sample of samples[side]) {
      // A sample counts what happened before it. The rest after the last whole bucket gets no rate.
      const index = Math.max(0, Math.floor((sample.at - 0.5) / everySeconds))
      if (index < count) succeeded[index] += sample.succeeded
      failed[Math.min(index, count - 1)] += sample.failed
    }
    const heap = samples[side].flatMap(({ at, bytes }) => (bytes === undefined ? [] : [{ at, bytes }]))
    const step = Math.ceil(heap.length / buckets)
    return {
      queriesPerSecond: succeeded.map((each) => Math.round(each / everySeconds)),
      failed,
      heapAt: heap.filter((_, index) => index % step === 0).map(({ at }) => Math.round(at)),
      heapKiB: heap.filter((_, index) => index % step === 0).map(({ bytes }) => Math.round(bytes / 1024)),
    }
  }
  return {
    ...rest,
    date: new Date().toISOString().slice(0, 10),
    seconds: Math.round(rest.seconds),
    node: process.versions.node,
    driver: /** @type {string} */ (require('cassandra-driver/package.json').version),
    platform: `${process.platform} ${process.arch}`,
    everySeconds,
    series: { ours: seriesOf('ours'), control: seriesOf('control') },
    runs: runs.map(({ from, to, ...run }) => ({ ...run, from: tenths(from), to: tenths(to) })),
  }
}

/** The paths below a folder such as docs. */
export const places = { page: 'soak.md', picture: 'soak/timeline.svg', data: 'soak/run.json' }

/**
 * The content of each file, except the numbers.
 *
 * @param {readonly import('../declaration.mjs').Kind[]} kinds
 * @param {Data} data
 */
export function rendered(kinds, data) {
  return { [places.page]: page(kinds, data), [places.picture]: timeline(kinds, data) }
}

/** @param {string} folder @param {readonly import('../declaration.mjs').Kind[]} kinds @param {Data} data */
export function writeReport(folder, kinds, data) {
  mkdirSync(join(folder, 'soak'), { recursive: true })
  for (const [place, text] of Object.entries(rendered(kinds, data))) writeFileSync(join(folder, place), text)
  const file = join(folder, places.data)
  writeFileSync(file, `${JSON.stringify({ ...data, runs: data.runs.map(rowOf) }, null, 2)}\n`)
  // Formatted like the repository: lists of numbers fill their lines.
  execFileSync(process.execPath, [biome, 'format', '--write', '--vcs-enabled=false', file], {
    cwd: repositoryRoot,
    stdio: 'pipe',
  })
  console.log(`wrote ${join(folder, places.page)}`)
}

/** @param {string} folder @param {readonly import('../declaration.mjs').Kind[]} kinds @returns {Data} */
export function readData(folder, kinds) {
  const data = JSON.parse(readFileSync(join(folder, places.data), 'utf8'))
  return { ...data, runs: data.runs.map((/** @type {Row} */ row) => runOf(row, kinds)) }
}

/**
 * A run of a kind, in one line of the file.
 *
 * @typedef {[name: string, from: number, to: number, events: number, trouble: number, failedOfOurs: number, failedOfControl: number]} Row
 */

/** @param {Data['runs'][number]} run @returns {Row} */
function rowOf({ name, from, to, events, trouble, failed }) {
  return [name, from, to, events, trouble, failed.ours, failed.control]
}

/** @param {Row} row @param {readonly import('../declaration.mjs').Kind[]} kinds @returns {Data['runs'][number]} */
function runOf([name, from, to, events, trouble, ours, control], kinds) {
  const kind = kinds.find((each) => each.name === name)
  if (!kind)
    throw new Error(`docs/soak/run.json tells of ${name}, which is not there any more: run the soak again`)
  return { name, sort: kind.sort, from, to, events, trouble, failed: { ours, control } }
}

/** @param {number} seconds */
function tenths(seconds) {
  return Math.round(seconds * 10) / 10
}
