/** What is fuzzed: each file of `targets/` has one or several. */
import { readdirSync } from 'node:fs'

/**
 * @typedef {object} Target
 * @property {string} name also of its folder in `corpus/`
 * @property {readonly string[]} covers parts of the paths of the files that guide the choice of inputs
 * @property {() => readonly Buffer[]} seeds real inputs, to begin with
 * @property {(bytes: Buffer, random: import('./random.mjs').Random, other: Buffer) => Buffer} change a new input from one or two known ones
 * @property {(bytes: Buffer) => void | Promise<void>} run throws where something is wrong: what it throws is a find
 */

const folder = new URL('../targets/', import.meta.url)

/** The files, without loading one: a target must be loaded after its files were chosen for instrumentation. */
export const targetFiles = readdirSync(folder)
  .filter((file) => file.endsWith('.mjs'))
  .sort()

/** @param {string} file @returns {Promise<Target[]>} */
export async function targetsOf(file) {
  return (await import(new URL(file, folder).href)).targets
}
