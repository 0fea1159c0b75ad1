/** The paths of the repository, of the cache for downloads and of the folder for this run. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url))
export const harnessTest = fileURLToPath(new URL('../test/harness.test.mjs', import.meta.url))
export const rowsFolder = fileURLToPath(new URL('../rows', import.meta.url))

/** The cache for downloads: `XAUTH_CACHE`, or `.cache/` at the repository's root. This program uses `bench/` in it. */
export function cacheFolder() {
  const { XAUTH_CACHE } = process.env
  const folder = join(XAUTH_CACHE ? resolve(XAUTH_CACHE) : join(repositoryRoot, '.cache'), 'bench')
  mkdirSync(folder, { recursive: true })
  return folder
}

/** The folder for temporary files of the run. The runner creates it; its children get it in an environment variable. */
export function runFolder() {
  process.env['XAUTH_BENCH_FOLDER'] ??= makeRunFolder()
  return process.env['XAUTH_BENCH_FOLDER']
}

function makeRunFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'x-auth-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }))
  return folder
}
