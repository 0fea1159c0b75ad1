/** A user's project with the driver and all our packages from their tarballs. It is made once in a run. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { npmInstall, pnpm } from './npm.mjs'
import { repositoryRoot, runFolder } from './paths.mjs'

/** @returns {Promise<import('./row.mjs').Running>} `info` is the project's folder */
export async function installedProject() {
  const folder = join(runFolder(), 'project')
  if (!existsSync(join(folder, 'installed'))) install(folder)
  return { info: folder }
}

/** @param {string} folder */
function install(folder) {
  const tarballs = join(folder, 'tarballs')
  mkdirSync(tarballs, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'stranger', private: true }))
  pnpm(['--recursive', '--filter', './packages/*', 'pack', '--pack-destination', tarballs], repositoryRoot)
  const files = readdirSync(tarballs).map((file) => join(tarballs, file))
  // All in one command: otherwise npm would look in a registry for the packages that depend on each other.
  npmInstall([...files, `cassandra-driver@${driverVersion()}`], folder)
  writeFileSync(join(folder, 'installed'), '')
}

function driverVersion() {
  return createRequire(import.meta.url)('cassandra-driver/package.json').version
}

/**
 * Bytes on disk (whole blocks) of a package and its dependencies, without those that `without` has too.
 * @param {string} project
 * @param {string} name
 * @param {string} [without] a package that is installed anyway
 */
export function installedSize(project, name, without) {
  const base = without === undefined ? new Set() : closure(project, without)
  const folders = [...closure(project, name)].filter((folder) => !base.has(folder))
  return folders.reduce((sum, folder) => sum + sizeOf(folder), 0)
}

/** @param {string} project @param {string} name @returns {Set<string>} folders */
function closure(project, name) {
  const folders = new Set([folderOf(name, project)])
  // An iteration over a set includes elements that are added during it.
  for (const folder of folders) {
    const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    for (const dependency of Object.keys(dependencies)) folders.add(folderOf(dependency, folder))
  }
  return folders
}

/** The place where Node finds a package from a folder. @param {string} name @param {string} from @returns {string} */
function folderOf(name, from) {
  const folder = join(from, 'node_modules', name)
  if (existsSync(join(folder, 'package.json'))) return folder
  if (dirname(from) === from) throw new Error(`${name} is not installed`)
  return folderOf(name, dirname(from))
}

/** Does not count the packages inside it. @param {string} folder @returns {number} */
function sizeOf(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .map((entry) => join(folder, entry.name))
    .reduce((sum, path) => {
      const { blocks } = statSync(path)
      return sum + blocks * 512 + (statSync(path).isDirectory() ? sizeOf(path) : 0)
    }, 0)
}
