/** Gets, compiles and starts the servers. Their programs are beside this file, their libraries come from elsewhere. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pythonWith, run } from '../lib/installed.mjs'
import { mavenJars } from '../lib/maven.mjs'
import { cacheFolder, removeFolder, temporaryFolder } from '../lib/paths.mjs'
import { stage } from '../lib/stage.mjs'
import { requireTools } from '../lib/tools.mjs'
import { Peer } from './peer.mjs'
import { proxies, tokens, users } from './users.mjs'

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))

const debianPackages = ['libgsasl-dev', 'libsasl2-dev', 'libsasl2-modules', 'gcc', 'libc6-dev']

/** The JDK, WildFly Elytron and Kafka, in one process. */
export async function startJava() {
  const [java = '', javac = ''] = requireTools('java', 'javac')
  const { jars } = await mavenJars({ pom: here('java/pom.xml'), name: 'sasl-java' })
  const source = here('java/SaslPeer.java')
  const classes = await compiled('sasl-classes', [source], (into) =>
    run(javac, ['-d', into, '-cp', jars.join(delimiter), source]),
  )
  const folder = temporaryFolder('sasl-java')
  const options = [
    '-Xmx128m',
    '-Xss512k',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    `-Dfolder=${folder}`,
  ]
  return started('java', java, [...options, '-cp', [classes, ...jars].join(delimiter), 'SaslPeer'], tokens)
}

export async function startGsasl() {
  const program = await cProgram('gsasl-peer', 'gsasl')
  return started('libgsasl', program, [temporaryFolder('gsasl')])
}

export async function startCyrus() {
  const program = await cProgram('cyrus-peer', 'sasl2')
  return started('Cyrus', program, [temporaryFolder('cyrus')])
}

export async function startScramp() {
  const python = await pythonWith('scramp', ['scramp==1.5.0'])
  return started('scramp', python, [here('python/scramp_peer.py'), temporaryFolder('scramp')])
}

/**
 * @param {string} name
 * @param {string} command
 * @param {readonly string[]} args one of them in the run's folder
 * @param {Readonly<Record<string, string>>} [bearers] for servers that know bearer tokens
 */
async function started(name, command, args, bearers = {}) {
  const peer = new Peer(name, command, args)
  try {
    await stage(`starting ${name}`, () => peer.learn({ users, proxies, tokens: bearers }))
  } catch (error) {
    await peer.stop()
    throw error
  }
  return peer
}

/** @param {string} name @param {string} library */
async function cProgram(name, library) {
  await installDebianPackages()
  const source = here(`c/${name}.c`)
  const folder = await compiled(name, [source, here('c/peer.h')], (into) =>
    run('cc', ['-std=gnu11', '-O1', '-Wall', '-Wextra', '-o', join(into, name), source, `-l${library}`]),
  )
  return join(folder, name)
}

/** Both at once would meet at apt's lock. @type {Promise<void> | undefined} */
let installing

function installDebianPackages() {
  installing ??= install()
  return installing
}

async function install() {
  const headers = ['/usr/include/gsasl.h', '/usr/include/sasl/sasl.h']
  const compiler = spawnSync('cc', ['--version'], { stdio: 'ignore' }).status === 0
  if (compiler && headers.every((header) => existsSync(header))) return
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    await stage('installing libgsasl and Cyrus', async () => {
      await run('apt-get', ['update'], { env })
      await run('apt-get', ['install', '-y', '--no-install-recommends', ...debianPackages], { env })
    })
  } catch (error) {
    const remedy = `the SASL servers in C need a compiler and headers: apt-get install ${debianPackages.join(' ')}`
    throw new Error(remedy, { cause: error })
  }
}

/**
 * A folder of the cache with what `compile` makes of the sources, once for each text of them.
 * @param {string} name @param {readonly string[]} sources @param {(folder: string) => Promise<unknown>} compile
 */
async function compiled(name, sources, compile) {
  const hash = createHash('sha256')
  for (const source of sources) hash.update(readFileSync(source))
  const folder = join(cacheFolder(), `${name}-${hash.digest('hex').slice(0, 12)}`)
  if (existsSync(folder)) return folder
  // Made beside its place and renamed, so that it is never half full.
  const partial = `${folder}.${process.pid}`
  mkdirSync(partial, { recursive: true })
  try {
    await stage(`compiling ${name}`, () => compile(partial))
    renameSync(partial, folder)
  } finally {
    removeFolder(partial)
  }
  return folder
}
