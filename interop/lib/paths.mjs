/** Where things live: the repository, the cache of downloads, the folder of this run. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const interopRoot = fileURLToPath(new URL('..', import.meta.url))
export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url))

/** The cache of downloads: `XAUTH_CACHE`, else `.cache/` at the repository's root; ours is `interop/` in it. */
export function cacheFolder() {
  const { XAUTH_CACHE } = process.env
  const folder = join(XAUTH_CACHE ? resolve(XAUTH_CACHE) : join(repositoryRoot, '.cache'), 'interop')
  mkdirSync(folder, { recursive: true })
  return folder
}

/** @type {string | undefined} */
let ownRunFolder

/**
 * The folder for everything that is thrown away afterwards. The runner makes one for each suite and removes it;
 * a suite that is started by hand makes its own and removes it at exit, unless `XAUTH_KEEP` is set.
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

/** A fresh folder below the run's, its name beginning with `prefix`. @param {string} prefix */
export function temporaryFolder(prefix) {
  return mkdtempSync(join(runFolder(), `${prefix}-`))
}

/** Removes a folder whose last writer may have been killed a moment ago. @param {string} folder */
export function removeFolder(folder) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}
