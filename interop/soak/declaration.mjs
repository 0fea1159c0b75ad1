/**
 * The kinds of change and of chaos: one file each, in changes/ and in chaos/. A file declares everything: what is done, what undoes it, which
 * events of node:diagnostics_channel explain it, and what it may do to the control. If a part is missing, the error names it.
 */
import { readdirSync } from 'node:fs'

import { users } from './client/users.mjs'

/** @typedef {import('./lab/lab.mjs').Lab & import('./lab/run.mjs').Run} Lab that of one run */
/** @typedef {import('./lib/order.mjs').Random} Random */

/**
 * Events that match each given field. `node: 'chosen'` is the node that this run of the kind changes; `each`: one event for each of them.
 * @typedef {object} Pattern
 * @property {'exchange' | 'credentials' | 'rotation' | 'migration' | 'expiry'} channel
 * @property {import('./client/users.mjs').AnyUser} [user]
 * @property {'chosen'} [node]
 * @property {readonly string[]} [outcome]
 * @property {readonly string[]} [reason] of a request to a source
 * @property {readonly string[]} [kind] of a migration
 * @property {readonly string[]} [code] of its error
 * @property {RegExp} [mechanism]
 * @property {'node' | 'user'} [each]
 */

/**
 * @typedef {object} Kind
 * @property {string} name of its file
 * @property {'change' | 'chaos'} sort the folder
 * @property {string} title for the time line
 * @property {string} about what is done, in one or two sentences
 * @property {string} undo what ends it, or restores the state before it
 * @property {readonly Touchable[]} touches what it uses exclusively: kinds with nothing in common may run together
 * @property {Readonly<Record<string, Pattern>>} explains events that must happen, each under a name
 * @property {readonly Pattern[]} allows events of failures that belong to it; any other failure fails the run
 * @property {RegExp | null} controlMayFail queries of the control, by the text of the error; null: none
 * @property {(lab: Lab, random: Random) => Promise<void>} run
 */

/**
 * The processes of the nodes, the connections to them, the mechanism that they offer, the TLS files, the clients' clock, and the place of each
 * client's secret.
 */
const touchable = /** @type {const} */ (['nodes', 'network', 'mechanism', 'certificates', 'clock', ...users])
/** @typedef {typeof touchable[number]} Touchable */

/** Maps a part to its check. @type {Record<Exclude<keyof Kind, 'name' | 'sort'>, (value: unknown) => boolean>} */
const parts = {
  title: isText,
  about: isSentence,
  undo: isSentence,
  touches: (value) =>
    Array.isArray(value) && value.length > 0 && value.every((what) => touchable.includes(what)),
  explains: (value) => isRecord(value) && Object.keys(Object(value)).length > 0,
  allows: Array.isArray,
  controlMayFail: (value) => value === null || value instanceof RegExp,
  run: (value) => typeof value === 'function',
}

const folders = /** @type {const} */ ({ change: 'changes', chaos: 'chaos' })

/**
 * Makes a kind from the exports of its file.
 * @param {string} file for the error @param {string} name @param {'change' | 'chaos'} sort @param {Record<string, unknown>} exported
 * @returns {Kind}
 */
export function declared(file, name, sort, exported) {
  const given = exported['kind']
  if (!isRecord(given)) throw new Error(`${file} exports no kind`)
  const missing = Object.entries(parts)
    .filter(([part, fits]) => !fits(given[part]))
    .map(([part]) => part)
  const unknown = Object.keys(given).filter((part) => !(part in parts))
  if (missing.length > 0) throw new Error(`${file} lacks, or has in another form: ${missing.join(', ')}`)
  if (unknown.length > 0) throw new Error(`${file} has unknown parts: ${unknown.join(', ')}`)
  return { .../** @type {any} */ (given), name, sort }
}

/** The kinds of both folders, in the order of their names. @returns {Promise<Kind[]>} */
export async function allKinds() {
  /** @type {Kind[]} */
  const kinds = []
  for (const sort of /** @type {const} */ (['change', 'chaos'])) {
    const folder = new URL(`${folders[sort]}/`, import.meta.url)
    for (const file of readdirSync(folder).sort()) {
      const name = file.replace(/\.mjs$/, '')
      kinds.push(
        declared(
          `interop/soak/${folders[sort]}/${file}`,
          name,
          sort,
          await import(`${new URL(file, folder)}`),
        ),
      )
    }
  }
  return kinds
}

/** @param {unknown} value */
function isText(value) {
  return typeof value === 'string' && value !== ''
}

/** @param {unknown} value */
function isSentence(value) {
  return typeof value === 'string' && value.endsWith('.')
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isRecord(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
