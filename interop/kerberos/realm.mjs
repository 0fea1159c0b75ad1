/** A temporary Kerberos realm: MIT's KDC on loopback, its users, services, keytabs and tickets. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { run } from '../lib/installed.mjs'
import { temporaryFolder } from '../lib/paths.mjs'
import { freePorts } from '../lib/ports.mjs'
import { endOwned, spawnOwned } from '../lib/processes.mjs'
import { keepLog, skipLog } from '../lib/server-logs.mjs'
import { stage } from '../lib/stage.mjs'
import { kerberosTools } from './tools.mjs'

export const realmName = 'LAB.TEST'

const bootTimeoutMs = 30_000

/** The users that have a keytab. The last ones are for tests that change the entry in the KDC. */
const people = ['alice', 'bob', 'hasty', 'brief', 'moved', 'gone']

/**
 * Boots a KDC with the users above and the requested services, whose keys go to `keytab(service)`.
 * @param {{ services?: readonly string[] }} [options] such as `cassandra/node1.lab.test`
 */
export async function startRealm({ services = ['cassandra/localhost'] } = {}) {
  const tools = await kerberosTools()
  return stage(`a realm of ${services.length} services up`, async () => {
    const folder = temporaryFolder('realm')
    const [port = 0] = await freePorts(1)
    const realm = new Realm(folder, port, tools)
    await realm.make(services)
    await realm.start()
    return realm
  })
}

/** Use `startRealm` to create one. */
export class Realm {
  #tools
  #caches = 0
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #kdc

  /** @param {string} folder @param {number} port @param {import('./tools.mjs').KerberosTools} tools */
  constructor(folder, port, tools) {
    this.#tools = tools
    this.folder = folder
    this.port = port
    this.logFile = join(folder, 'kdc.log')
    /** The krb5.conf for this realm. */
    this.configuration = this.configurationOf('krb5.conf', [port])
  }

  /**
   * Writes a krb5.conf that names other KDCs: a closed port, a KDC that never answers, a name that does not exist.
   * @param {string} name of the file
   * @param {readonly (number | string)[]} kdcs ports of 127.0.0.1, or names
   * @returns {string} its path
   */
  configurationOf(name, kdcs) {
    const path = join(this.folder, name)
    writeFileSync(path, krb5Conf(kdcs.map((kdc) => (typeof kdc === 'number' ? `127.0.0.1:${kdc}` : kdc))))
    return path
  }

  /** Variables that make a process use this realm. @param {string} [cache] ticket cache; by default an empty one */
  env(cache = this.cache()) {
    return { KRB5_CONFIG: this.configuration, KRB5CCNAME: cache }
  }

  /**
   * The settings of a server that has the key of a service.
   * @param {string} service
   * @returns {import('../sasl/start.mjs').Acceptor & { options: Readonly<Record<string, string>> }} `options`: of its openings
   */
  acceptor(service) {
    const keytab = this.keytab(service)
    return {
      env: {
        KRB5_CONFIG: this.configuration,
        KRB5_KTNAME: keytab,
        // The default is outside the run's folder, and would stay after the realm.
        KRB5RCACHENAME: `file2:${join(this.folder, 'replays')}`,
      },
      configuration: this.configuration,
      options: { keytab, principal: `${service}@${realmName}`, realm: realmName },
    }
  }

  /** The name of a ticket cache that does not exist yet. */
  cache() {
    return `FILE:${join(this.folder, `tickets-${this.#caches++}`)}`
  }

  /** The keytab of a principal of this realm. Each principal has one. @param {string} principal */
  keytab(principal) {
    return join(this.folder, `${principal.replaceAll('/', '-')}.keytab`)
  }

  /** @param {readonly string[]} services */
  async make(services) {
    const { databaseModules } = this.#tools
    mkdirSync(join(this.folder, 'database'))
    writeFileSync(this.logFile, '')
    writeFileSync(join(this.folder, 'kdc.conf'), kdcConf(this.folder, this.port, databaseModules))
    keepLog(`KDC of ${realmName}`, this.logFile)
    await this.#admin('kdb5_util', ['create', '-s', '-P', 'master', '-r', realmName])
    await this.administer(
      people.flatMap((name) => [
        `addprinc -randkey ${name}`,
        `ktadd -norandkey -k ${this.keytab(name)} ${name}`,
      ]),
    )
    for (const service of services) await this.addService(service)
  }

  /** @param {string} service @param {string} [options] of kadmin's addprinc and ktadd, such as `-e arcfour-hmac:normal` */
  async addService(service, options = '') {
    await this.administer([
      `addprinc -randkey ${options} ${service}`,
      `ktadd ${options} -k ${this.keytab(service)} ${service}`,
    ])
  }

  /**
   * One keytab with the keys of several services, for nodes that share their configuration.
   * @param {readonly string[]} services @returns {Promise<string>} its path
   */
  async commonKeytab(services) {
    const path = this.keytab('common')
    await this.administer(services.map((service) => `ktadd -norandkey -k ${path} ${service}`))
    return path
  }

  /** @param {readonly string[]} orders of kadmin.local */
  async administer(orders) {
    for (const order of orders) await this.#admin('kadmin.local', ['-r', realmName, '-q', order])
  }

  /** @param {Readonly<Record<string, string>>} [env] */
  async start(env = {}) {
    const child = spawnOwned(
      this.#tools.commands.krb5kdc,
      ['-n', '-P', join(this.folder, 'pid'), '-r', realmName],
      {
        stdio: 'ignore',
        env: { ...this.#adminEnv(), ...env },
      },
    )
    this.#kdc = child
    const until = performance.now() + bootTimeoutMs
    while (!(await accepts(this.port))) {
      if (child.exitCode !== null) throw new Error(`krb5kdc ended with ${child.exitCode}:\n${this.log()}`)
      if (performance.now() > until) throw new Error(`krb5kdc does not answer:\n${this.log()}`)
      await delay(20)
    }
    skipLog(this.logFile)
  }

  /** Stops the KDC; its database stays. */
  async stop() {
    if (this.#kdc) await endOwned(this.#kdc)
  }

  log() {
    return readFileSync(this.logFile, 'utf8')
  }

  /**
   * The number of all tickets that the KDC has given for a service.
   *
   * @param {string} service
   * @param {string} [principal] the user; by default all users
   */
  ticketsGiven(service, principal = '') {
    const given = `${principal}@${realmName} for ${service}@`
    return this.log()
      .split('\n')
      .filter((line) => /TGS_REQ .*ISSUE/.test(line) && line.includes(given)).length
  }

  /**
   * Gets a ticket with the principal's keytab.
   * @param {string} principal
   * @param {{ cache?: string, life?: string, configuration?: string }} [options] `life`: such as `2s` @returns {Promise<string>} the cache
   */
  async kinit(principal, { cache = this.cache(), life = '1h', configuration = this.configuration } = {}) {
    const args = ['-k', '-t', this.keytab(principal), '-l', life, '-c', cache, principal]
    await this.#run('kinit', args, { KRB5_CONFIG: configuration })
    return cache
  }

  /** @param {string} cache */
  async kdestroy(cache) {
    await this.#run('kdestroy', ['-c', cache], {})
  }

  /** Puts the ticket for a service into the cache. @param {string} cache @param {string} service */
  async getTicket(cache, service) {
    await this.#run('kvno', ['-c', cache, service], {})
  }

  /** Makes a cache whose ticket has expired. @param {string} principal */
  async expiredCache(principal) {
    const cache = await this.kinit(principal, { life: '1s' })
    await afterLife(1)
    return cache
  }

  /** @param {keyof import('./tools.mjs').KerberosTools['commands']} command @param {string[]} args */
  #admin(command, args) {
    return run(this.#tools.commands[command], args, { env: this.#adminEnv(), cwd: this.folder })
  }

  /** @param {'kinit' | 'kdestroy' | 'kvno'} command @param {string[]} args @param {NodeJS.ProcessEnv} env */
  #run(command, args, env) {
    return run(this.#tools.commands[command], args, {
      env: { ...this.#tools.env, KRB5_CONFIG: this.configuration, ...env },
    })
  }

  #adminEnv() {
    return {
      ...this.#tools.env,
      KRB5_CONFIG: this.configuration,
      KRB5_KDC_PROFILE: join(this.folder, 'kdc.conf'),
    }
  }
}

/**
 * Resolves when a ticket that exists now has expired.
 * @param {number} seconds of its life
 */
export async function afterLife(seconds) {
  // Tickets count whole seconds, and a timer may be a moment early.
  await delay((Math.floor(Date.now() / 1000) + seconds + 1) * 1000 - Date.now() + 20)
}

/**
 * A KDC that accepts connections and never answers.
 * @returns {Promise<{ port: number, connections(): number, stop(): Promise<void> }>}
 */
export async function startSilentKdc() {
  /** @type {Set<net.Socket>} */
  const sockets = new Set()
  let connections = 0
  const server = net.createServer((socket) => {
    connections++
    sockets.add(socket.on('error', () => undefined))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {net.AddressInfo} */ (server.address())
  return {
    port,
    connections: () => connections,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

/** @param {readonly string[]} kdcs */
function krb5Conf(kdcs) {
  return `[libdefaults]
  default_realm = ${realmName}
  dns_lookup_realm = false
  dns_lookup_kdc = false
  dns_canonicalize_hostname = false
  rdns = false
  # TCP first
  udp_preference_limit = 1
[realms]
  ${realmName} = {
${kdcs.map((kdc) => `    kdc = ${kdc}`).join('\n')}
  }
[domain_realm]
  lab.test = ${realmName}
  .lab.test = ${realmName}
  localhost = ${realmName}
`
}

/** @param {string} folder @param {number} port @param {string | undefined} databaseModules */
function kdcConf(folder, port, databaseModules) {
  return `[kdcdefaults]
  kdc_listen = 127.0.0.1:${port}
  kdc_tcp_listen = 127.0.0.1:${port}
[realms]
  ${realmName} = {
    database_name = ${folder}/database/principal
    key_stash_file = ${folder}/database/stash
    acl_file = ${folder}/database/acl
    max_life = 24h
    supported_enctypes = aes256-cts:normal aes128-cts:normal
  }
[logging]
  kdc = FILE:${folder}/kdc.log
  admin_server = FILE:${folder}/kadmin.log
${databaseModules ? `[dbmodules]\n  db_module_dir = ${databaseModules}\n` : ''}`
}

/** @param {number} port @returns {Promise<boolean>} */
function accepts(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.once('connect', () => socket.destroy())
    socket.once('error', () => resolve(false))
    socket.once('close', (failed) => resolve(!failed))
  })
}
