/** Makes the table of accepted files from a run of the corpus, for its place in docs/certificates.md. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '../lib/paths.mjs'

/** @typedef {import('./verdicts.mjs').Judged} Judged */

const file = join(repositoryRoot, 'docs', 'certificates.md')
const [begin, end] = ['<!-- corpus: made by interop/run.mjs --write -->', '<!-- /corpus -->']

/** @param {readonly Judged[]} all */
export function corpusTable(all) {
  const rows = grouped(all, ({ item }) => `${item.from} | ${item.group}`)
  const lines = Array.from(rows, ([row, judged]) => {
    const count = (/** @type {(each: Judged) => boolean} */ is) => judged.filter(is).length
    const refusals = grouped(
      judged.filter(({ own }) => own.verdict !== 'read'),
      ({ own }) => own.verdict,
    )
    const why = Array.from(refusals, ([code, { length }]) => `\`${code}\` ${length}`)
    return `| ${row} | ${judged.length} | ${count(({ own }) => own.verdict === 'read')} | ${count(({ node }) => node.verdict === 'read')} | ${why.sort().join(', ')} |`
  })
  const head = '| written by | what | files | read here | read by Node.js alone | refused here |'
  return [head, '| --- | --- | --: | --: | --: | --- |', ...lines].join('\n')
}

/**
 * Returns whether the document shows this table; with `write` it first writes the table.
 * @param {string} table @param {{ write: boolean }} how
 */
export function documentTable(table, { write }) {
  const before = readFileSync(file, 'utf8')
  const [from, to] = [before.indexOf(begin), before.indexOf(end)]
  if (from < 0 || to < from)
    throw new Error(`docs/certificates.md has no place for the table: ${begin} and ${end}`)
  const after = `${before.slice(0, from + begin.length)}\n${table}\n${before.slice(to)}`
  if (write) writeFileSync(file, after)
  return write || after === before
}

/**
 * `Map.groupBy`, which Node 20 does not have.
 * @param {readonly Judged[]} all @param {(each: Judged) => string} key @returns {Map<string, Judged[]>}
 */
function grouped(all, key) {
  /** @type {Map<string, Judged[]>} */
  const groups = new Map()
  for (const each of all) groups.set(key(each), [...(groups.get(key(each)) ?? []), each])
  return groups
}
