/**
 * PostgreSQL as a SASL server: its SCRAM-SHA-256-PLUS follows RFC 5802 §6, with tls-server-end-point. Each login uses its
 * own TLS connection; PostgreSQL's authentication messages carry the SASL messages
 * (https://www.postgresql.org/docs/current/sasl-authentication.html).
 */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { debianFiles } from '../lib/installed.mjs'
import { removeFolder } from '../lib/paths.mjs'
import { freePorts } from '../lib/ports.mjs'
import { endOwned, spawnOwned } from '../lib/processes.mjs'
import { lastLines } from './last-lines.mjs'

/** @typedef {import('./peer.mjs').Reply} Reply */
/** @typedef {{ certificate: string, key: string }} Pair PEM */

/** The packages of Debian 12, with the libraries that a small machine lacks. */
const debianPackages = [
  ...[
    'postgresql-15',
    'postgresql-client-15',
    'libpq5',
    'libicu72',
    'libxml2',
    'libldap-2.5-0',
    'libsasl2-2',
  ],
  ...['liblz4-1', 'libpam0g', 'libsystemd0', 'libzstd1', 'libgssapi-krb5-2', 'libkrb5-3', 'libk5crypto3'],
  ...['libkrb5support0', 'libkeyutils1'],
]

/** `SSLRequest`, instead of a version. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f])
const protocolVersion = 196_608
/** The kinds of an AuthenticationRequest. */
const asks = { ok: 0, sasl: 10, saslContinue: 11, saslFinal: 12 }
const answerTimeoutMs = 30_000
const startTimeoutMs = 60_000

/**
 * A server whose users can log in only with SCRAM over TLS.
 * @param {Pair} pair its certificate
 * @param {Readonly<Record<string, string>>} users with their passwords
 */
export async function startPostgresql({ certificate, key }, users) {
  const { folder: bin, env } = await commands()
  const owner = unprivileged()
  const folder = mkdtempSync(join(tmpdir(), 'x-auth-postgresql-'))
  const data = join(folder, 'data')
  process.once('exit', () => removeFolder(folder))
  mkdirSync(data, { mode: 0o700 })
  for (const [name, pem] of /** @type {const} */ ([
    ['server.crt', certificate],
    ['server.key', key],
  ])) {
    writeFileSync(join(folder, name), pem, { mode: 0o600 })
  }
  const { uid, gid } = owner
  if (uid !== undefined && gid !== undefined) {
    for (const name of ['', 'data', 'server.crt', 'server.key']) chownSync(join(folder, name), uid, gid)
  }
  const run = { ...owner, cwd: folder, env: { ...process.env, ...env, LC_ALL: 'C' } }
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'reject', '--no-sync'], {
    ...run,
    stdio: 'pipe',
  })
  const [port = 0] = await freePorts(1)
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    ssl: 'on',
    ssl_cert_file: join(folder, 'server.crt'),
    ssl_key_file: join(folder, 'server.key'),
    password_encryption: 'scram-sha-256',
    fsync: 'off',
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const roles = Object.entries(users).map(
    ([name, password]) => `CREATE ROLE ${quoted(name, '"')} LOGIN PASSWORD ${quoted(password, "'")};\n`,
  )
  // In single-user mode there is no network, so creating the users needs no password.
  execFileSync(join(bin, 'postgres'), ['--single', '-D', data, ...options, 'postgres'], {
    ...run,
    input: roles.join(''),
    stdio: 'pipe',
  })
  writeFileSync(join(data, 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 scram-sha-256\n')
  const child = spawnOwned(join(bin, 'postgres'), ['-D', data, ...options], {
    ...run,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const log = lastLines(child.stderr)
  await ready(child, log)
  return {
    open: async () => new PostgresqlExchange(port),
    log,
    async stop() {
      // SIGKILL would leave shared memory behind.
      const ended = once(child, 'exit', { signal: AbortSignal.timeout(answerTimeoutMs) })
      child.ref()
      child.kill('SIGINT')
      await ended.catch(() => endOwned(child))
      removeFolder(folder)
    },
  }
}

/** One login, beginning with the client's first SASL message. */
class PostgresqlExchange {
  #port
  /** @type {tls.TLSSocket | undefined} */
  #socket
  #username = ''
  #pending = Buffer.alloc(0)

  /** @param {number} port */
  constructor(port) {
    this.#port = port
  }

  /** @param {Uint8Array | null} token @returns {Promise<Reply>} */
  async step(token) {
    const bytes = Buffer.from(token ?? [])
    try {
      const reply = this.#socket ? await this.#answer(bytes) : await this.#begin(bytes)
      if (!('challenge' in reply)) this.#socket?.destroy()
      return reply
    } catch (error) {
      this.#socket?.destroy()
      throw error
    }
  }

  /** @param {Buffer} first the client-first-message @returns {Promise<Reply>} */
  async #begin(first) {
    // PostgreSQL takes the name from its own earlier message, and ignores this one.
    this.#username = /,n=([^,]+),/.exec(String(first))?.[1] ?? ''
    this.#socket = await secured(this.#port)
    const words = Buffer.from(`user\0${this.#username}\0database\0postgres\0\0`)
    this.#socket.write(Buffer.concat([int(8 + words.length), int(protocolVersion), words]))
    const offer = await this.#next()
    if ('failure' in offer) return offer
    const mechanism = first.toString('latin1', 0, 1) === 'p' ? 'SCRAM-SHA-256-PLUS' : 'SCRAM-SHA-256'
    if (offer.asks !== asks.sasl || !String(offer.data).split('\0').includes(mechanism)) {
      return { failure: `PostgreSQL does not offer ${mechanism}` }
    }
    return this.#answer(Buffer.concat([Buffer.from(`${mechanism}\0`), int(first.length), first]))
  }

  /** @param {Buffer} body of SASLInitialResponse or SASLResponse @returns {Promise<Reply>} */
  async #answer(body) {
    this.#socket?.write(Buffer.concat([Buffer.from('p'), int(4 + body.length), body]))
    const message = await this.#next()
    if ('failure' in message) return message
    if (message.asks === asks.saslContinue) return { challenge: message.data }
    const end = await this.#next()
    if ('failure' in end) return end
    const good = message.asks === asks.saslFinal && end.asks === asks.ok
    return good ? { success: message.data, username: this.#username } : { failure: 'out of order' }
  }

  /**
   * Resolves with the next AuthenticationRequest or ErrorResponse.
   *
   * @returns {Promise<{ asks: number, data: Buffer } | { failure: string }>}
   */
  async #next() {
    const socket = /** @type {tls.TLSSocket} */ (this.#socket)
    while (this.#pending.length < 5 || this.#pending.length < 1 + this.#pending.readUInt32BE(1)) {
      const signal = AbortSignal.timeout(answerTimeoutMs)
      const [chunk] = await once(socket, 'data', { signal })
      this.#pending = Buffer.concat([this.#pending, chunk])
    }
    const kind = String.fromCharCode(this.#pending.readUInt8(0))
    const body = this.#pending.subarray(5, 1 + this.#pending.readUInt32BE(1))
    this.#pending = this.#pending.subarray(5 + body.length)
    if (kind === 'R') return { asks: body.readUInt32BE(0), data: body.subarray(4) }
    // Each field is a letter and a text; M is the message.
    const said = String(body)
      .split('\0')
      .find((field) => field.startsWith('M'))
    return { failure: said?.slice(1) ?? `a message ${kind}` }
  }
}

/**
 * Opens a TLS connection after SSLRequest. The adapter trusts its own server, which is on this machine.
 *
 * @param {number} port
 */
async function secured(port) {
  const plain = net.connect({ host: '127.0.0.1', port })
  plain.write(sslRequest)
  const [answer] = await once(plain, 'data', { signal: AbortSignal.timeout(answerTimeoutMs) })
  if (String(answer) !== 'S') throw new Error('PostgreSQL does not speak TLS')
  const socket = tls.connect({ socket: plain, rejectUnauthorized: false })
  await once(socket, 'secureConnect', { signal: AbortSignal.timeout(answerTimeoutMs) })
  return socket
}

/** The programs of the machine, or of Debian's packages: nothing is installed. */
async function commands() {
  const folder = newest('/usr/lib/postgresql')
  if (folder) return { folder, env: {} }
  const root = await debianFiles('postgresql', debianPackages)
  const libraries = readdirSync(join(root, 'usr/lib')).filter((name) => name.endsWith('-linux-gnu'))
  const paths = libraries.flatMap((name) => [join(root, 'usr/lib', name), join(root, 'lib', name)])
  const found = newest(join(root, 'usr/lib/postgresql'))
  if (!found) throw new Error('the package postgresql-15 holds no initdb')
  return { folder: found, env: { LD_LIBRARY_PATH: paths.join(':') } }
}

/** @param {string} root has a folder for each version */
function newest(root) {
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  return versions.map((version) => join(root, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')))
}

/**
 * PostgreSQL refuses to run as root. The ids of the user nobody are the same on all Linux systems.
 *
 * @returns {{ uid?: number, gid?: number }}
 */
function unprivileged() {
  return process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
}

/**
 * The port is not enough: it is open while PostgreSQL still starts, and a login in that time is refused.
 *
 * @param {import('node:child_process').ChildProcess} child @param {() => string} log
 */
async function ready(child, log) {
  const signal = AbortSignal.timeout(startTimeoutMs)
  try {
    while (!log().includes('ready to accept connections')) {
      if (child.exitCode !== null) throw new Error('it ended')
      await Promise.race([once(child.stderr ?? child, 'data', { signal }), once(child, 'exit', { signal })])
    }
  } catch (cause) {
    throw new Error(`PostgreSQL did not start:\n${log()}`, { cause })
  }
}

/** @param {string} text @param {string} mark */
function quoted(text, mark) {
  return mark + text.replaceAll(mark, mark + mark) + mark
}

/** @param {number} value */
function int(value) {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
