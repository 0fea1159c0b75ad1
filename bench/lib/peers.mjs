/** The code of others that we compare our code with: exact versions, installed into the cache when a row needs them. */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { npmInstall, run } from './npm.mjs'
import { cacheFolder } from './paths.mjs'

/** From npm. @satisfies {Record<string, string>} */
const packages = /** @type {const} */ ({
  'aws-sigv4-auth-cassandra-plugin': '1.0.5',
  kafkajs: '2.2.4',
  mongodb: '7.9.0',
  pg: '8.23.1',
})

/** From PyPI. @satisfies {Record<string, string>} */
const pythonPackages = /** @type {const} */ ({ 'pure-sasl': '0.6.2' })

/** @typedef {keyof typeof packages} Peer */

/** Returns the folder with the peer's node_modules. @param {Peer} name */
export function installPeer(name) {
  return installOnce(`${name}-${packages[name]}`, (folder) => {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }')
    npmInstall([`${name}@${packages[name]}`], folder)
  })
}

/** Loads a module of an installed peer. @param {Peer} name @param {string} [path] inside the package */
export function requirePeer(name, path = '') {
  const folder = join(cacheFolder(), `${name}-${packages[name]}`)
  return createRequire(join(folder, 'package.json'))(`${name}${path}`)
}

/** The folder for PYTHONPATH. @param {keyof typeof pythonPackages} name */
export function installPythonPeer(name) {
  const requirement = `${name}==${pythonPackages[name]}`
  return installOnce(requirement, (folder) => {
    const quiet = ['--quiet', '--disable-pip-version-check', '--root-user-action=ignore']
    run('python3', ['-m', 'pip', 'install', ...quiet, '--target', folder, requirement], folder)
  })
}

/**
 * Installs into a temporary folder first, so that a folder with the right name is always complete.
 * @param {string} name
 * @param {(folder: string) => void} install
 */
function installOnce(name, install) {
  const folder = join(cacheFolder(), name)
  if (existsSync(folder)) return folder
  const growing = `${folder}.${process.pid}`
  mkdirSync(growing, { recursive: true })
  try {
    install(growing)
    if (!existsSync(folder)) renameSync(growing, folder)
  } finally {
    rmSync(growing, { recursive: true, force: true })
  }
  return folder
}
