/**
 * Builds npm `kerberos` from source, in both major versions that run on the Node.js versions that we support. A prebuilt one
 * would be downloaded from GitHub.
 */
import { dirname, join } from 'node:path'
import { npmWith, requireCommand } from '../lib/installed.mjs'
import { kerberosTools } from './tools.mjs'

export const kerberosVersions = /** @type {const} */ (['7.0.0', '2.2.2'])

/** @typedef {typeof kerberosVersions[number]} KerberosVersion */

/** @type {Map<KerberosVersion, Promise<string>>} */
const modules = new Map()

/**
 * @param {KerberosVersion} [version]
 * @returns {Promise<string>} path of its folder, to `require`
 */
export function kerberosModule(version = kerberosVersions[0]) {
  const module = modules.get(version) ?? build(version)
  modules.set(version, module)
  return module
}

/** @param {KerberosVersion} version */
async function build(version) {
  for (const tool of ['make', 'c++', 'python3'])
    requireCommand(tool, ['--version'], 'apt-get install make g++ python3')
  const { include } = await kerberosTools()
  const from = await npmWith(`kerberos-${version}`, [`kerberos@${version}`], {
    build: {
      npm_config_build_from_source: 'true',
      // Node's own headers are installed next to it; without this, node-gyp downloads them.
      npm_config_nodedir: dirname(dirname(process.execPath)),
      ...(include && { CPLUS_INCLUDE_PATH: include }),
    },
  })
  return join(dirname(from), 'node_modules', 'kerberos')
}
