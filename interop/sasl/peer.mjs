/**
 * A process with the server side of SASL, and its line protocol: each request and each answer is one line.
 *
 *   user NAME PASSWORD · proxy USER ROLE · token TOKEN USER      -> ok
 *   open ID PROVIDER MECHANISM name=value …                      -> ok | failure WHY
 *   step ID TOKEN                                                -> challenge TOKEN | success TOKEN USER | failure WHY
 *
 * A text or token is a plus sign and its base64; a missing token is a minus sign.
 */
import { endOwned, spawnOwned } from '../lib/processes.mjs'
import { lastLines } from './last-lines.mjs'

const answerTimeoutMs = 30_000

/**
 * @typedef {{ challenge: Buffer | null } | { success: Buffer | null, username: string } | { failure: string }} Reply
 * @typedef {{ step(token: Uint8Array | null): Promise<Reply> }} ForeignExchange
 * @typedef {{ mechanism: string, provider?: string, options?: Readonly<Record<string, string>> }} Opening
 */

export class Peer {
  /** @type {{ resolve(line: string): void, reject(error: Error): void }[]} */
  #waiting = []
  #child
  #name
  #opened = 0

  /**
   * @param {string} name @param {string} command @param {readonly string[]} args
   * @param {NodeJS.ProcessEnv} [env] added to ours
   */
  constructor(name, command, args, env = {}) {
    this.#name = name
    this.#child = spawnOwned(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    const log = lastLines(this.#child.stderr)
    let text = ''
    this.#child.stdout?.setEncoding('utf8').on('data', (more) => {
      const lines = `${text}${more}`.split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) this.#waiting.shift()?.resolve(line)
    })
    this.#child.once('error', (error) => this.#abandon(error))
    this.#child.once('close', (code, signal) =>
      this.#abandon(new Error(`${name} ended with ${signal ?? code}:\n${log()}`)),
    )
    // An error of a write to a process that has ended; 'close' reports that better.
    this.#child.stdin?.on('error', () => undefined)
  }

  /**
   * Sends the users, roles and tokens to the process.
   * @param {{ users: Readonly<Record<string, string>>, proxies: readonly (readonly [string, string])[], tokens: Readonly<Record<string, string>> }} directory
   */
  async learn({ users, proxies, tokens }) {
    for (const [name, password] of Object.entries(users)) await this.#order('user', name, password)
    for (const [user, role] of proxies) await this.#order('proxy', user, role)
    for (const [token, user] of Object.entries(tokens)) await this.#order('token', token, user)
  }

  /** @param {Opening} opening @returns {Promise<ForeignExchange>} */
  async open({ mechanism, provider = '-', options = {} }) {
    const id = this.#opened++
    const words = Object.entries(options).map(([name, value]) => `${name}=${word(value)}`)
    const answer = await this.#ask(['open', id, provider, mechanism, ...words].join(' '))
    if (answer !== 'ok') throw new Error(`${this.#name} does not open ${mechanism}: ${failureOf(answer)}`)
    return { step: async (token) => reply(await this.#ask(`step ${id} ${token ? word(token) : '-'}`)) }
  }

  stop() {
    return endOwned(this.#child)
  }

  /** @param {string} command @param {...string} texts */
  async #order(command, ...texts) {
    const answer = await this.#ask([command, ...texts.map(word)].join(' '))
    if (answer !== 'ok') throw new Error(`${this.#name} answers ${command} with ${failureOf(answer)}`)
  }

  /** @param {string} line @returns {Promise<string>} */
  #ask(line) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${this.#name} does not answer: ${line}`)),
        answerTimeoutMs,
      )
      /** @template T @param {(value: T) => void} settle */
      const settling = (settle) => (/** @type {T} */ value) => {
        clearTimeout(timer)
        settle(value)
      }
      this.#waiting.push({ resolve: settling(resolve), reject: settling(reject) })
      this.#child.stdin?.write(`${line}\n`)
    })
  }

  /** @param {Error} error */
  #abandon(error) {
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }
}

/** @param {string} line @returns {Reply} */
function reply(line) {
  const [kind, token = '-', username = '-'] = line.split(' ')
  if (kind === 'challenge') return { challenge: bytes(token) }
  if (kind === 'success') return { success: bytes(token), username: String(bytes(username)) }
  return { failure: failureOf(line) }
}

/** @param {string} line */
function failureOf(line) {
  const [kind, text = '-'] = line.split(' ')
  return kind === 'failure' ? String(bytes(text)) : line
}

/** @param {string | Uint8Array} value */
function word(value) {
  return `+${Buffer.from(value).toString('base64')}`
}

/** @param {string} word */
function bytes(word) {
  return word === '-' ? null : Buffer.from(word.slice(1), 'base64')
}
