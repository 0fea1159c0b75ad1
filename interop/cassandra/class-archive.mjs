/**
 * A class archive (Java's dynamic CDS): the parsed and verified classes of a booted server, which the next server maps
 * into memory. One boot makes it; every later boot is more than a second faster.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from '../lib/ports.mjs'
import { stage } from '../lib/stage.mjs'
import { requireTools } from '../lib/tools.mjs'
import { CassandraNode } from './node.mjs'

/**
 * @param {import('./versions.mjs').Distribution} distribution
 * @returns {Promise<string>} the archive's path
 */
export async function classArchive(distribution) {
  const archive = join(distribution.folder, `classes-${fingerprint(distribution.folder)}.jsa`)
  if (!existsSync(archive)) {
    await stage(`making the class archive of Cassandra ${distribution.release}`, () =>
      make(archive, distribution),
    )
  }
  return archive
}

/**
 * An archive is valid for one build of Java and one folder of the jars; otherwise Java ignores it.
 *
 * @param {string} folder
 */
function fingerprint(folder) {
  const [java = 'java'] = requireTools('java')
  const { stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' })
  return createHash('sha256').update(`${stderr}${folder}`).digest('hex').slice(0, 12)
}

/** @param {string} archive @param {import('./versions.mjs').Distribution} distribution */
async function make(archive, distribution) {
  const partial = `${archive}.${process.pid}`
  const [port = 0, storagePort = 0] = await freePorts(2)
  const node = new CassandraNode(distribution, {
    address: '127.0.0.1',
    port,
    storagePort,
    jvmArguments: [`-XX:ArchiveClassesAtExit=${partial}`, '-Xlog:cds=error', '-Xlog:cds+dynamic=error'],
  })
  try {
    await node.start()
    // Java writes the archive at a normal exit.
    await node.stop({ graceful: true })
    if (!existsSync(partial)) throw new Error(`Java wrote no class archive:\n${node.log(20)}`)
    renameSync(partial, archive)
  } finally {
    await node.stop()
    rmSync(partial, { force: true })
  }
}
