/**
 * Installs, compiles and starts the servers. Their programs are in this folder; their libraries are downloaded or come
 * from the machine.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { aptGet } from '../../scripts/apt.mjs'
import { installed, pythonWith, run } from '../lib/installed.mjs'
import { javaProgram, javaSources } from '../lib/java.mjs'
import { mavenJars } from '../lib/maven.mjs'
import { temporaryFolder } from '../lib/paths.mjs'
import { stage } from '../lib/stage.mjs'
import { requireTools } from '../lib/tools.mjs'
import { Peer } from './peer.mjs'
import { proxies, tokens, users } from './users.mjs'

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))

const debianPackages = ['libgsasl-dev', 'libsasl2-dev', 'libsasl2-modules', 'gcc', 'libc6-dev']

/**
 * The part of a realm that a GSSAPI server needs.
 * @typedef {{ env: Readonly<Record<string, string>>, configuration: string }} Acceptor
 */

/** The JDK, WildFly Elytron and Kafka, in one process. @param {Acceptor} [acceptor] */
export async function startJava(acceptor) {
  const [java = ''] = requireTools('java')
  const classpath = await javaClasspath()
  const folder = temporaryFolder('sasl-java')
  const options = [
    '-Xmx128m',
    '-Xss512k',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    `-Dfolder=${folder}`,
    ...(acceptor ? [`-Djava.security.krb5.conf=${acceptor.configuration}`] : []),
  ]
  const args = [...options, '-cp', classpath, 'org.example.sasl.SaslPeer']
  return started('java', java, args, { bearers: tokens })
}

/** @param {Pick<Acceptor, 'env'>} [acceptor] */
export async function startGsasl({ env } = noAcceptor) {
  const program = await cProgram('gsasl-peer', ['-lgsasl'])
  return started('libgsasl', program, [temporaryFolder('gsasl')], { env })
}

/** @param {Pick<Acceptor, 'env'>} [acceptor] */
export async function startCyrus({ env } = noAcceptor) {
  const program = await cProgram('cyrus-peer', ['-lsasl2'])
  return started('Cyrus', program, [temporaryFolder('cyrus')], { env })
}

/**
 * A server on MIT's library, which can send any offer.
 * @param {Pick<Acceptor, 'env'>} acceptor @param {string} [include] folder of its headers, if it is not the compiler's
 */
export async function startGssapi({ env }, include) {
  // Uses the file name with its number: the link without a number is installed only with the headers.
  const libraries = ['-l:libgssapi_krb5.so.2', ...(include ? [`-I${include}`] : [])]
  const program = await cProgram('gssapi-peer', libraries)
  return started('MIT', program, [temporaryFolder('gssapi')], { env })
}

export async function startScramp() {
  const python = await pythonWith('scramp', ['scramp==1.5.0'])
  return started('scramp', python, [here('python/scramp_peer.py'), temporaryFolder('scramp')])
}

/** The class path of the compiled sources in `java/`, with the jars that they need. */
export async function javaClasspath() {
  const jars = await javaSaslJars()
  return [await javaProgram('sasl-peer', javaSources('sasl/java'), jars), ...jars].join(delimiter)
}

/** The jars of Elytron and Kafka. */
export async function javaSaslJars() {
  const { jars } = await mavenJars({ pom: here('java/pom.xml'), name: 'sasl-java' })
  return jars
}

const noAcceptor = { env: {} }

/**
 * @param {string} name
 * @param {string} command
 * @param {readonly string[]} args one of them is a path in the run's folder
 * @param {{ bearers?: Readonly<Record<string, string>>, env?: Readonly<Record<string, string>> }} [more] `bearers`: for
 *   servers that support bearer tokens
 */
async function started(name, command, args, { bearers = {}, env = {} } = {}) {
  const peer = new Peer(name, command, args, env)
  try {
    await stage(`starting ${name}`, () => peer.learn({ users, proxies, tokens: bearers }))
  } catch (error) {
    await peer.stop()
    throw error
  }
  return peer
}

/** @param {string} name @param {readonly string[]} libraries as options of the compiler */
async function cProgram(name, libraries) {
  await installDebianPackages()
  const source = here(`c/${name}.c`)
  const texts = [source, here('c/peer.h')].map((file) => readFileSync(file, 'utf8'))
  const folder = await installed(name, [...texts, ...libraries].join('\n'), async (into) => {
    await run('cc', ['-std=gnu11', '-O1', '-Wall', '-Wextra', '-o', join(into, name), source, ...libraries])
  })
  return join(folder, name)
}

/** Two installations at the same time would fail at apt's lock. @type {Promise<void> | undefined} */
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
      await run(...aptGet('update'), { env })
      await run(...aptGet('install', '-y', '--no-install-recommends', ...debianPackages), { env })
    })
  } catch (error) {
    const remedy = `the SASL servers in C need a compiler and headers: apt-get install ${debianPackages.join(' ')}`
    throw new Error(remedy, { cause: error })
  }
}
