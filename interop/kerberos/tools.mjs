/**
 * MIT Kerberos: from the machine if it is installed, otherwise Debian's packages, unpacked into the cache. Nothing is
 * installed, so Debian does not start a KDC.
 */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { debianFiles, libraryFolders } from '../lib/installed.mjs'

const commands = /** @type {const} */ (['krb5kdc', 'kdb5_util', 'kadmin.local', 'kinit', 'kdestroy', 'kvno'])

const packages = [
  // The KDC, its database and the commands …
  ...['krb5-kdc', 'krb5-admin-server', 'krb5-user', 'libkadm5srv-mit12', 'libkadm5clnt-mit12', 'libkdb5-10'],
  ...['libgssrpc4', 'libverto1', 'libverto-libev1', 'libev4'],
  // … of one build with the libraries, which may be another than the machine's …
  ...['libkrb5-3', 'libk5crypto3', 'libkrb5support0', 'libgssapi-krb5-2'],
  // … the headers, for npm's kerberos, and Cyrus's GSSAPI.
  ...['libkrb5-dev', 'krb5-multidev', 'comerr-dev', 'libsasl2-modules-gssapi-mit'],
]

const remedy = `the suites kerberos-* need MIT Kerberos: the commands ${commands.join(', ')}, the headers of GSSAPI and Cyrus's
  plug-in for GSSAPI. On Debian they get them with apt-get download. Elsewhere install krb5-server, krb5-workstation, krb5-devel
  and cyrus-sasl-gssapi (Fedora's names)`

/**
 * @typedef {object} KerberosTools
 * @property {Record<typeof commands[number], string>} commands
 * @property {NodeJS.ProcessEnv} env for the commands
 * @property {string} [databaseModules] folder of the KDC's database modules, if it is not the built-in one
 * @property {string} [include] folder of the headers, if it is not the compiler's
 * @property {string} saslPath folders of Cyrus's plug-ins
 */

/** @type {Promise<KerberosTools> | undefined} */
let found

/** @returns {Promise<KerberosTools>} */
export function kerberosTools() {
  found ??= find()
  return found
}

async function find() {
  const own = commandsIn([
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
    '/usr/lib/mit/sbin',
  ])
  const plugins = libraryFolders('/usr').map((folder) => join(folder, 'sasl2'))
  const complete =
    own &&
    existsSync('/usr/include/gssapi/gssapi.h') &&
    plugins.some((folder) => holds(folder, 'libgssapiv2.so'))
  if (complete) return { commands: own, env: process.env, saslPath: plugins.join(delimiter) }
  return unpacked(plugins)
}

/** @param {readonly string[]} plugins of the machine, which stay @returns {Promise<KerberosTools>} */
async function unpacked(plugins) {
  let root
  try {
    root = join(await debianFiles('kerberos', packages), 'usr')
  } catch (error) {
    throw new Error(remedy, { cause: error })
  }
  const unpackedCommands = commandsIn([join(root, 'bin'), join(root, 'sbin')])
  const [libraries] = libraryFolders(root)
  if (!unpackedCommands || !libraries) throw new Error(remedy)
  return {
    commands: unpackedCommands,
    env: { ...process.env, LD_LIBRARY_PATH: libraries },
    databaseModules: join(libraries, 'krb5', 'plugins', 'kdb'),
    include: join(root, 'include'),
    saslPath: [...plugins, join(libraries, 'sasl2')].join(delimiter),
  }
}

/** @param {readonly string[]} folders @returns {KerberosTools['commands'] | undefined} */
function commandsIn(folders) {
  const paths = commands.map((name) => folders.map((folder) => join(folder, name)).find(existsSync))
  if (paths.some((path) => path === undefined)) return undefined
  return /** @type {KerberosTools['commands']} */ (
    Object.fromEntries(commands.map((name, index) => [name, paths[index]]))
  )
}

/** @param {string} folder @param {string} file */
function holds(folder, file) {
  return existsSync(join(folder, file))
}
