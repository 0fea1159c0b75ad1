/** Starts a server from the name of a version. */
import { freePorts } from '../lib/ports.mjs'
import { requireTools } from '../lib/tools.mjs'
import { classArchive } from './class-archive.mjs'
import { CassandraNode } from './node.mjs'
import { distribution, versions } from './versions.mjs'

/**
 * Boots a server and waits until it answers; with PasswordAuthenticator, also until its superuser can log in.
 * @param {import('./node.mjs').NodeOptions} [options]
 * @returns {Promise<CassandraNode>}
 * @throws {Error} with the end of the server's log, if the server ends or does not answer in time
 */
export async function startCassandra(options = {}) {
  const { version = '5.0', address = '127.0.0.1', separateTls = false, jmx = false } = options
  const release = await prepare(version)
  const [port = 0, storagePort = 0, tlsPort = 0, jmxPort = 0] = await freePorts(4, [address])
  const node = new CassandraNode(release, {
    port,
    storagePort,
    ...options,
    address,
    ...(separateTls && { tlsPort }),
    ...(jmx && { jmxPort }),
  })
  await node.start()
  return node
}

/** Everything that a boot needs, from the cache or newly made. @param {string} version */
export async function prepare(version) {
  requireTools('java', 'mvn')
  const release = await distribution(version)
  return versions[version]?.archive ? { ...release, archive: await classArchive(release) } : release
}
