/** Runs a client in its own process, and records what it does with our server. */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { eventMatching } from '../lib/events.mjs'
import { runFolder } from '../lib/paths.mjs'
import { endOwned, spawnOwned } from '../lib/processes.mjs'
import { lastLines } from '../sasl/last-lines.mjs'
import { kerberosModule } from './install.mjs'

const script = fileURLToPath(new URL('client-process.mjs', import.meta.url))

/**
 * @typedef {object} Login
 * @property {string} outcome the outcome of `converse`, or how the process ended
 * @property {unknown} [details] of our error
 * @property {string} [reason] of the server
 * @property {readonly (Buffer | null)[]} sent the client's messages
 * @property {number} ms
 */

/** @typedef {{ readFileMs: number, pbkdf2Ms: number, eventLoopMs: number, rounds: number }} Watched */

export class ClientProcess {
  /** @type {Map<number, { exchange(): Promise<import('../sasl/peer.mjs').ForeignExchange>, sent: (Buffer | null)[], settle(login: Login): void }>} */
  #logins = new Map()
  #count = 0
  #child
  #log
  /** @type {((watched: Watched) => void) | undefined} */
  #watched

  /** Use `start` to create one. @param {string} kerberos path @param {NodeJS.ProcessEnv} env */
  constructor(kerberos, env) {
    this.#child = spawnOwned(process.execPath, [script, runFolder(), kerberos], {
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      env: { ...process.env, ...env },
    })
    this.#log = lastLines(this.#child.stderr)
    this.#child.on('message', (message) => this.#receive(message))
    this.#child.once('close', (code, signal) => this.#ended(`the process ended with ${signal ?? code}`))
  }

  /**
   * @param {import('./install.mjs').KerberosVersion} version of npm `kerberos`
   * @param {NodeJS.ProcessEnv} env added to ours
   * @returns {Promise<ClientProcess>}
   */
  static async start(version, env) {
    const client = new ClientProcess(await kerberosModule(version), env)
    const ended = once(client.#child, 'close').then(() => {
      throw new Error(`the client ended before it began:\n${client.#log()}`)
    })
    await Promise.race([eventMatching(client.#child, 'message', () => true), ended])
    ended.catch(() => undefined)
    return client
  }

  get alive() {
    return this.#child.connected
  }

  /**
   * @param {Pick<import('../sasl/peer.mjs').Peer, 'open'>} peer
   * @param {import('../sasl/peer.mjs').Opening} opening
   * @param {object} options of the provider
   * @param {import('./providers.mjs').Kind} [kind]
   * @returns {Promise<Login>}
   */
  login(peer, opening, options, kind = 'ours') {
    const login = this.#count++
    /**
     * Opened when it is needed: a peer keeps only a limited number of exchanges.
     *
     * @type {Promise<import('../sasl/peer.mjs').ForeignExchange> | undefined}
     */
    let opened
    const exchange = () => {
      opened ??= peer.open(opening)
      return opened
    }
    return new Promise((settle) => {
      this.#logins.set(login, { exchange, sent: [], settle })
      this.#child.send({ login, kind, options, opening })
    })
  }

  /** Starts other work in the process. */
  watch() {
    this.#child.send({ watch: true })
  }

  /** Ends that work. @returns {Promise<Watched>} the longest times */
  unwatch() {
    return new Promise((resolve) => {
      this.#watched = resolve
      this.#child.send({ unwatch: true })
    })
  }

  stop() {
    return endOwned(this.#child)
  }

  /** @param {any} message */
  #receive({ watched, login, step, token, result, ms }) {
    if (watched) this.#watched?.(watched)
    const known = this.#logins.get(login)
    if (!known) return
    if (result) {
      this.#logins.delete(login)
      known.settle({ ...result, sent: known.sent, ms })
    } else if (step !== undefined) {
      void this.#answer(known, step, token === null ? null : Buffer.from(token, 'base64'))
    }
  }

  /** @param {{ exchange(): Promise<import('../sasl/peer.mjs').ForeignExchange>, sent: (Buffer | null)[] }} known @param {number} step @param {Buffer | null} token */
  async #answer({ exchange, sent }, step, token) {
    sent.push(token)
    const reply = await exchange()
      .then((opened) => opened.step(token))
      .catch(failureOf)
    if (this.#child.connected) this.#child.send({ step, reply: encoded(reply) })
  }

  /** @param {string} outcome */
  #ended(outcome) {
    for (const { sent, settle } of this.#logins.values()) settle({ outcome, sent, ms: 0 })
    this.#logins.clear()
  }
}

/** @param {Error} error @returns {import('../sasl/peer.mjs').Reply} */
function failureOf(error) {
  return { failure: error.message }
}

/** @param {import('../sasl/peer.mjs').Reply} reply */
function encoded(reply) {
  const text = (/** @type {Buffer | null} */ bytes) => bytes?.toString('base64') ?? null
  if ('challenge' in reply) return { challenge: text(reply.challenge) }
  if ('success' in reply) return { ...reply, success: text(reply.success) }
  return reply
}
