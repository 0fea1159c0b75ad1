/** Jars from Maven Central, downloaded with `mvn`, so that the user's mirrors, proxies and credentials are used. */
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, removeFolder } from './paths.mjs'
import { spawnOwned } from './processes.mjs'
import { stage } from './stage.mjs'
import { requireTools } from './tools.mjs'

const downloadTimeoutMs = 600_000

/**
 * The runtime dependencies of a pom, copied into the cache; downloaded once for each text of the pom.
 * @param {{ pom: string, name: string }} what `pom`: its path; `name`: of the folder in the cache
 * @returns {Promise<{ folder: string, jars: string[] }>} absolute paths, sorted
 */
export async function mavenJars({ pom, name }) {
  const key = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12)
  const folder = join(cacheFolder(), `${name}-${key}`)
  if (!isComplete(folder)) {
    await stage(`downloading the jars of ${name}`, () => download(pom, folder))
  }
  const jars = readdirSync(folder).filter((file) => file.endsWith('.jar'))
  return { folder, jars: jars.sort().map((file) => join(folder, file)) }
}

/** @param {string} pom @param {string} folder */
async function download(pom, folder) {
  const [mvn = 'mvn'] = requireTools('mvn')
  // The folder is made under another name and then renamed, so an existing folder is never half full.
  const partial = `${folder}.${process.pid}`
  removeFolder(partial)
  mkdirSync(partial, { recursive: true })
  try {
    await run(mvn, [
      '-q',
      '-B',
      '-ntp',
      '--strict-checksums',
      '-f',
      pom,
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${partial}`,
    ])
    writeFileSync(join(partial, stampName), JSON.stringify(sizes(partial)))
    removeFolder(folder)
    renameSync(partial, folder)
  } finally {
    removeFolder(partial)
  }
}

const stampName = 'complete.json'

/**
 * The stamp lists every jar with its size: if the cache has lost or truncated one, all are downloaded again.
 *
 * @param {string} folder
 */
function isComplete(folder) {
  const stamp = join(folder, stampName)
  if (!existsSync(stamp)) return false
  try {
    const expected = JSON.stringify(JSON.parse(readFileSync(stamp, 'utf8')))
    return expected === JSON.stringify(sizes(folder))
  } catch {
    return false
  }
}

/** @param {string} folder @returns {Record<string, number>} */
function sizes(folder) {
  const jars = readdirSync(folder)
    .filter((file) => file.endsWith('.jar'))
    .sort()
  return Object.fromEntries(jars.map((file) => [file, statSync(join(folder, file)).size]))
}

/** @param {string} command @param {string[]} args @returns {Promise<void>} */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawnOwned(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: downloadTimeoutMs })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    }
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? code}:\n${output}`))
    })
  })
}
