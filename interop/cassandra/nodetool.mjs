/** Runs Cassandra's own nodetool from the same jars. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { requireTools } from '../lib/tools.mjs'
import { fastVirtualMachine, moduleFlags } from './java-flags.mjs'

const run = promisify(execFile)

/**
 * @param {object} options
 * @param {import('./versions.mjs').Distribution} options.distribution
 * @param {string} options.folder of the node; nodetool writes its history there
 * @param {number} options.jmxPort
 * @param {readonly string[]} options.args
 * @returns {Promise<string>} its output
 * @throws {Error} with its output, if it fails
 */
export async function nodetool({ distribution, folder, jmxPort, args }) {
  const [java = 'java'] = requireTools('java')
  const logging = join(folder, 'logback-tools.xml')
  writeFileSync(logging, '<configuration><root level="OFF"/></configuration>')
  const { stdout } = await run(
    java,
    [
      ...moduleFlags,
      ...fastVirtualMachine,
      ...(distribution.archive ? [`-XX:SharedArchiveFile=${distribution.archive}`] : []),
      `-Dlogback.configurationFile=file://${logging}`,
      `-Duser.home=${folder}`,
      '-cp',
      distribution.jars.join(':'),
      'org.apache.cassandra.tools.NodeTool',
      '-p',
      String(jmxPort),
      ...args,
    ],
    { timeout: 60_000 },
  )
  return stdout
}
