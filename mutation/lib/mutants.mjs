/** The mutants that Stryker would make of a file. None of them runs. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Instrumenter } from '@stryker-mutator/instrumenter'
import { proseIgnorer } from './prose-ignorer.mjs'
import { root } from './repository.mjs'

const quiet = new Proxy({}, { get: () => () => false })

/**
 * A mutant is identified by what it changes, so it stays the same when lines move.
 *
 * @typedef {{ file: string, mutator: string, original: string, replacement: string, line: string }} Identity
 * @typedef {{ line: number, column: number }} Position counted from 1
 * @typedef {Identity & { start: Position, end: Position }} Mutant
 */

/** @param {string} file @returns {Promise<Mutant[]>} */
export async function mutantsOf(file) {
  const content = readFileSync(join(root, file), 'utf8')
  const instrumenter = new Instrumenter(/** @type {any} */ (quiet))
  const options = /** @type {any} */ ({ excludedMutations: [], ignorers: [proseIgnorer], plugins: null })
  const { mutants } = await instrumenter.instrument([{ name: file, content, mutate: true }], options)
  return mutants
    .filter(({ status }) => status !== 'Ignored')
    .map(({ location, mutatorName, replacement }) => {
      const [start, end] = [location.start, location.end].map(({ line, column }) => ({
        line: line + 1,
        column: column + 1,
      }))
      return identify(file, content, { mutatorName, replacement, location: { start, end } })
    })
}

/**
 * @param {string} file @param {string} content
 * @param {{ mutatorName: string, replacement?: string | undefined, location: any }} mutant
 * @returns {Mutant}
 */
export function identify(file, content, { mutatorName, replacement = '', location: { start, end } }) {
  const lines = content.split('\n')
  const text = lines.slice(start.line - 1, end.line)
  text[text.length - 1] = text[text.length - 1].slice(0, end.column - 1)
  text[0] = text[0].slice(start.column - 1)
  return {
    file,
    mutator: mutatorName,
    original: oneLine(text.join('\n')),
    replacement: oneLine(replacement),
    line: lines[start.line - 1].trim(),
    start: { ...start },
    end: { ...end },
  }
}

/** @param {Identity} mutant */
export function keyOf({ file, mutator, original, replacement, line }) {
  return JSON.stringify([file, mutator, original, replacement, line])
}

/**
 * The place and the replacement of a mutant. Stryker tells its runner no more than these, so they serve as a key.
 *
 * @param {Omit<Mutant, 'original' | 'line'>} mutant
 */
export function placeOf({ file, start, end, mutator, replacement }) {
  return `${file}:${start.line}:${start.column}-${end.line}:${end.column} ${mutator} ${oneLine(replacement)}`
}

/** @param {string} text */
function oneLine(text) {
  return text.replace(/\s+/g, ' ').trim()
}
