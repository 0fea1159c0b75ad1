/** The versions of Cassandra that can be booted. To add one, add a row and a folder with a pom. */
import { basename, join } from 'node:path'
import { mavenJars } from '../lib/maven.mjs'
import { interopRoot } from '../lib/paths.mjs'

/**
 * `agent`: the jar that must run as a Java agent; 4.1 measures objects with jamm and does not start without it.
 * `archive`: whether a class archive works; Java refuses one if there is an agent.
 * @type {Record<string, { release: string, archive: boolean, agent?: RegExp }>}
 */
export const versions = {
  '6.0': { release: '6.0-alpha2', archive: true },
  '5.0': { release: '5.0.9', archive: true },
  4.1: { release: '4.1.10', archive: false, agent: /^jamm-.*\.jar$/ },
}

/**
 * @typedef {object} Distribution
 * @property {string} release the exact version
 * @property {string} folder of the jars
 * @property {string[]} jars absolute paths, sorted
 * @property {string} [agent] the jar that must run as a Java agent
 * @property {string} [archive] the class archive to boot from
 */
/**
 * The jars of a version, downloaded if they are not in the cache.
 * @param {string} version
 * @returns {Promise<Distribution>}
 */
export async function distribution(version) {
  const row = versions[version]
  if (!row) throw new Error(`no Cassandra ${version} here; there are: ${Object.keys(versions).join(', ')}`)
  const { folder, jars } = await mavenJars({
    pom: join(interopRoot, 'cassandra', version, 'pom.xml'),
    name: `cassandra-${row.release}`,
  })
  const agent = row.agent && jars.find((jar) => row.agent?.test(basename(jar)))
  if (row.agent && !agent) throw new Error(`the jars of Cassandra ${row.release} have no ${row.agent}`)
  return { release: row.release, folder, jars, ...(agent && { agent }) }
}
