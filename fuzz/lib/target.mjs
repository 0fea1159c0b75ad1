/** What is fuzzed: each file in `targets/` has one target or several. */
import { readdirSync } from 'node:fs'

/**
 * @typedef {object} Target
 * @property {string} name its folder in `corpus/` has the same name
 * @property {readonly string[]} covers parts of the paths of the files that guide the choice of inputs
 * @property {() => readonly Buffer[]} seeds real inputs to start with
 * @property {(bytes: Buffer, random: import('./random.mjs').Random, other: Buffer) => Buffer} change makes a new input from one or two
 *   known ones
 * @property {(bytes: Buffer) => void | Promise<void>} run throws if something is wrong: what it throws is a find
 */

const folder = new URL('../targets/', import.meta.url)

/** The names of the files; this loads none of them. A target must be loaded after `instrument` has chosen its files. */
export const targetFiles = readdirSync(folder)
  .filter((file) => file.endsWith('.mjs'))
  .sort()

/** @param {string} file @returns {Promise<Target[]>} */
export async function targetsOf(file) {
  return (await import(new URL(file, folder).href)).targets
}
