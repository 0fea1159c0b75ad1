/** The paths of the repository, of the cache for downloads and of the folder for this run. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const interopRoot = fileURLToPath(new URL('..', import.meta.url))
export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url))

/** The cache for downloads: `XAUTH_CACHE`, or `.cache/` at the repository's root. The suites use `interop/` in it. */
export function cacheFolder() {
  const { XAUTH_CACHE } = process.env
  const folder = join(XAUTH_CACHE ? resolve(XAUTH_CACHE) : join(repositoryRoot, '.cache'), 'interop')
  mkdirSync(folder, { recursive: true })
  return folder
}

/** @type {string | undefined} */
let ownRunFolder

/**
 * The folder for temporary files. The runner creates one for each suite and removes it. A suite that is started by hand
 * creates its own and removes it at exit, unless `XAUTH_KEEP` is set.
 */
export function runFolder() {
  const { XAUTH_RUN_FOLDER, XAUTH_KEEP } = process.env
  if (XAUTH_RUN_FOLDER) return XAUTH_RUN_FOLDER
  if (ownRunFolder) return ownRunFolder
  const folder = mkdtempSync(join(tmpdir(), 'x-auth-interop-'))
  ownRunFolder = folder
  if (!XAUTH_KEEP) process.on('exit', () => removeFolder(folder))
  return folder
}

/** Creates a new folder below the run's. Its name begins with `prefix`. @param {string} prefix */
export function temporaryFolder(prefix) {
  return mkdtempSync(join(runFolder(), `${prefix}-`))
}

/** Removes a folder, even if its last writer was killed a moment ago. @param {string} folder */
export function removeFolder(folder) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}
