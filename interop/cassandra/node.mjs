/** One real Cassandra server, which can be booted, stopped and booted again. */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { temporaryFolder } from '../lib/paths.mjs'
import { spawnOwned } from '../lib/processes.mjs'
import { keepLog, skipLog } from '../lib/server-logs.mjs'
import { stage } from '../lib/stage.mjs'
import { requireTools } from '../lib/tools.mjs'
import { cassandraYaml, logbackXml } from './configuration.mjs'
import { javaArguments } from './java-flags.mjs'
import { nodetool } from './nodetool.mjs'
import { probe, takesPlain } from './probe.mjs'

/**
 * @typedef {object} NodeOptions
 * @property {string} [version] '5.0' (default), '4.1' or '6.0'
 * @property {string | { class_name: string, parameters?: Record<string, string> }} [authenticator] by default
 *   PasswordAuthenticator, with the superuser cassandra/cassandra
 * @property {Record<string, unknown>} [yaml] settings of cassandra.yaml that replace ours
 * @property {Record<string, unknown>} [tls] `client_encryption_options`; `enabled: true` is the default
 * @property {import('node:tls').ConnectionOptions} [probeTls] how to check whether a TLS server is up; needed only if
 *   it requires a client certificate and its answer to CQL must be awaited too
 * @property {boolean} [separateTls] TLS on a separate port, `node.tlsPort`; `node.port` stays plain
 * @property {boolean} [jmx] for `node.nodetool`
 * @property {string} [address] '127.0.0.1'
 * @property {number} [port] native; a free one by default
 * @property {number} [storagePort] a free one by default
 * @property {readonly string[]} [seeds] addresses; by default its own
 * @property {string} [token] this node's token
 * @property {string} [heap] '384m'
 * @property {readonly string[]} [classpath] jars in addition to Cassandra's
 * @property {readonly string[]} [jvmArguments]
 * @property {Record<string, string | number | boolean>} [properties] Java system properties that replace ours
 * @property {number} [startTimeoutMs] 120 000
 * @property {boolean} [awaitLogin] with PasswordAuthenticator: wait until the superuser can log in? By default yes; the
 *   first node of several cannot allow that alone
 */

/** @typedef {NodeOptions & { address: string, port: number, storagePort: number, tlsPort?: number, jmxPort?: number }} PlacedOptions */

/** Made by `startCassandra` and `startCluster`. */
export class CassandraNode {
  #distribution
  #options
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #process

  /**
   * @param {import('./versions.mjs').Distribution} release
   * @param {PlacedOptions} options
   */
  constructor(release, options) {
    this.#distribution = release
    this.#options = options
    this.folder = temporaryFolder(`cassandra-${release.release}`)
    this.logFile = join(this.folder, 'server.log')
    writeFileSync(this.logFile, '')
    keepLog(`Cassandra ${release.release} on ${this.contactPoint}`, this.logFile)
  }

  get address() {
    return this.#options.address
  }

  get port() {
    return this.#options.port
  }

  /** The port for TLS: the separate one, or the only one. */
  get tlsPort() {
    return this.#options.tlsPort ?? this.port
  }

  get storagePort() {
    return this.#options.storagePort
  }

  /** 'address:port', in the form for `contactPoints` of the driver. */
  get contactPoint() {
    return `${this.address}:${this.port}`
  }

  /** The exact version. */
  get release() {
    return this.#distribution.release
  }

  /**
   * How to connect to it: with TLS, if it accepts no other connection.
   *
   * @returns {import('node:tls').ConnectionOptions | undefined}
   */
  get ownTls() {
    const { probeTls } = this.#options
    return takesPlain(this.#options) ? undefined : { rejectUnauthorized: false, ...probeTls }
  }

  get alive() {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null
  }

  get pid() {
    return this.alive ? this.#process?.pid : undefined
  }

  /** Returns the log of the server. @param {number} [lines] only the last ones */
  log(lines) {
    const text = readFileSync(this.logFile, 'utf8')
    return lines === undefined ? text : text.trimEnd().split('\n').slice(-lines).join('\n')
  }

  /** Boots with the existing data. Resolves when the server answers. */
  async start() {
    if (this.alive) throw new Error(`${this.contactPoint} runs already`)
    await stage(`Cassandra ${this.release} up on ${this.contactPoint}`, async () => {
      this.#spawn()
      await this.#answering()
      skipLog(this.logFile)
    })
  }

  /**
   * Ends the server.
   * @param {{ graceful?: boolean }} [how] `graceful`: SIGTERM; it takes about 5 s, writes all data to disk and tells
   *   the peers. By default SIGKILL, at once: data of the last second may be lost
   */
  async stop({ graceful = false } = {}) {
    const child = this.#process
    if (!child || !this.alive) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.ref()
    child.kill(graceful ? 'SIGTERM' : 'SIGKILL')
    const killer = setTimeout(() => child.kill('SIGKILL'), 30_000)
    await ended
    clearTimeout(killer)
  }

  /** Stops the process without closing its connections, until `resume()` or `stop()`. */
  pause() {
    this.#process?.kill('SIGSTOP')
  }

  resume() {
    this.#process?.kill('SIGCONT')
  }

  /**
   * Stops the server and boots it again with the same address and ports.
   * @param {{ graceful?: boolean, wipe?: boolean, change?: Partial<NodeOptions> }} [how] `graceful` (the default
   *   without `wipe`): see `stop`; `wipe`: start without data; `change`: options from now on
   */
  async restart({ wipe = false, graceful = !wipe, change = {} } = {}) {
    await this.stop({ graceful })
    if (wipe) {
      for (const part of ['data', 'commitlog', 'saved_caches', 'hints']) {
        rmSync(join(this.folder, part), { recursive: true, force: true })
      }
    }
    this.#options = { ...this.#options, ...change }
    await this.start()
  }

  /**
   * Runs nodetool on this node; it takes a second. @param {...string} args for example 'reloadssl'
   * @returns {Promise<string>} its output
   */
  nodetool(...args) {
    const { jmxPort } = this.#options
    if (jmxPort === undefined) throw new Error('nodetool needs a node started with `jmx: true`')
    return nodetool({ distribution: this.#distribution, folder: this.folder, jmxPort, args })
  }

  #spawn() {
    const { folder } = this
    const {
      address,
      authenticator = 'PasswordAuthenticator',
      seeds = [address],
      token,
      tls,
      yaml = {},
      tlsPort,
    } = this.#options
    const {
      heap = '384m',
      classpath = [],
      jvmArguments = [],
      properties: given = {},
      port,
      storagePort,
      jmxPort,
    } = this.#options
    const properties = { ...(jmxPort !== undefined && { 'cassandra.jmx.local.port': jmxPort }), ...given }
    mkdirSync(join(folder, 'data'), { recursive: true })
    const settings = { folder, address, port, storagePort, tlsPort, seeds, token, authenticator, tls, yaml }
    writeFileSync(join(folder, 'cassandra.yaml'), cassandraYaml(settings))
    writeFileSync(join(folder, 'logback.xml'), logbackXml)
    const [java = 'java'] = requireTools('java')
    const release = this.#distribution
    const args = javaArguments({ distribution: release, folder, heap, classpath, jvmArguments, properties })
    const log = openSync(this.logFile, 'a')
    try {
      this.#process = spawnOwned(java, args, { cwd: folder, stdio: ['ignore', log, log] })
    } finally {
      closeSync(log)
    }
  }

  async #answering() {
    const { startTimeoutMs = 120_000 } = this.#options
    const deadline = Date.now() + startTimeoutMs
    for (;;) {
      const reason = await probe(this.#options)
      if (reason === undefined) return
      if (!this.alive)
        throw new Error(`Cassandra ended while it booted (${this.#verdict()}):\n${this.log(40)}`)
      if (Date.now() > deadline) {
        await this.stop()
        throw new Error(`no Cassandra after ${startTimeoutMs} ms (${reason.message}):\n${this.log(40)}`)
      }
      await delay(50)
    }
  }

  #verdict() {
    return this.#process?.signalCode ?? `exit code ${this.#process?.exitCode}`
  }
}
