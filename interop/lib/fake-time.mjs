/** Gives a program another time with libfaketime: the machine's own, or Debian's package, unpacked into the cache. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { debianFiles, libraryFolders } from './installed.mjs'

/**
 * Variables that give a program another time. Timers do not change.
 * @param {string} shift such as `+10m` @returns {Promise<Readonly<Record<string, string>>>}
 */
export async function clockShifted(shift) {
  return { ...(await preloaded()), FAKETIME: shift }
}

/**
 * The same, with the shift in a file: the program's clock jumps within a second after a change of the file.
 * @param {string} file @returns {Promise<Readonly<Record<string, string>>>}
 */
export async function clockByFile(file) {
  return { ...(await preloaded()), FAKETIME_TIMESTAMP_FILE: file, FAKETIME_CACHE_DURATION: '1' }
}

async function preloaded() {
  const file = join('faketime', 'libfaketime.so.1')
  const inFolders = (/** @type {string} */ root) =>
    libraryFolders(root)
      .map((folder) => join(folder, file))
      .find(existsSync)
  const library = inFolders('/usr') ?? inFolders(join(await debianFiles('faketime', ['libfaketime']), 'usr'))
  if (!library)
    throw new Error('there is no libfaketime: on Debian it comes with apt-get download, elsewhere install it')
  return { LD_PRELOAD: library, FAKETIME_DONT_FAKE_MONOTONIC: '1' }
}
