/** Measurements of a run for a table of the documents. They are written with `--figures`, otherwise only compared. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from './paths.mjs'

/**
 * One row. Without `--figures` the file must have the row with the same columns. Numbers depend on the machine and are
 * not compared.
 * @param {string} path below the repository's root @param {string} name @param {Readonly<Record<string, unknown>>} row
 */
export function writeFigure(path, name, row) {
  const file = join(repositoryRoot, path)
  /** @type {Record<string, unknown>} */
  const all = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  if (process.env['XAUTH_WRITE'] === '1') {
    writeFileSync(file, `${JSON.stringify({ ...all, [name]: row }, null, 2)}\n`)
    return
  }
  const advice = `${path} has another row "${name}" than this run; node interop/run.mjs SUITE --figures writes it`
  assert.deepEqual(shape(all[name]), shape(row), advice)
}

/** The names and types, without the values. @param {unknown} value @returns {unknown} */
function shape(value) {
  if (value === null || typeof value !== 'object') return typeof value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shape(part)]))
}
