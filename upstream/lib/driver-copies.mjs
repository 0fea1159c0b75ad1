/** Copies the installed driver and its dependencies, and changes the copy. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const patchesFolder = fileURLToPath(new URL('../patches/', import.meta.url))

/** The patches, in order. */
export const patches = readdirSync(patchesFolder)
  .filter((file) => file.endsWith('.patch'))
  .sort()

/** @param {string} folder @returns {string} the folder of the copy, for `require` */
export function copyOfDriver(folder) {
  const installed = realpathSync(dirname(require.resolve('cassandra-driver/package.json')))
  const modules = join(folder, 'node_modules')
  const copy = join(modules, 'cassandra-driver')
  mkdirSync(modules, { recursive: true })
  cpSync(installed, copy, { recursive: true })
  const { dependencies = {} } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  for (const name of Object.keys(dependencies)) {
    const target = join(modules, name)
    mkdirSync(dirname(target), { recursive: true })
    symlinkSync(realpathSync(join(dirname(installed), name)), target, 'dir')
  }
  return copy
}

/**
 * @param {string} copy
 * @param {string} patch its file name
 * @param {{ check?: boolean }} [options] `check`: only check whether it fits
 */
export function applyPatch(copy, patch, { check = false } = {}) {
  const args = ['apply', ...(check ? ['--check'] : []), join(patchesFolder, patch)]
  // Without this, git would search for a repository around the copy, and apply nothing.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(copy) }
  const { status, stderr, error } = spawnSync('git', args, { cwd: copy, encoding: 'utf8', env })
  if (status !== 0) throw new Error(`${patch} does not fit: ${error?.message ?? stderr.trim()}`)
}
