/** The lab's view of the process of the clients, ours or the control's. */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { endOwned, spawnOwned } from '../../lib/processes.mjs'

const script = fileURLToPath(new URL('../client/process.mjs', import.meta.url))
const answerMs = 60_000
const exitMs = 30_000

/** @typedef {{ succeeded: number, failed: string[], logins: number, bytes?: number, rss?: number }} Sample */

export class Side {
  /** @type {Map<number, { resolve: (answer: any) => void, reject: (error: Error) => void }>} */
  #open = new Map()
  #orders = 0
  #child

  /**
   * @param {import('../client/users.mjs').Assignment} assignment @param {string} folder of the run, which identifies a process
   *   that is left over
   * @param {Readonly<Record<string, string>>} clock
   * @param {{ sample: (sample: Sample) => void, told: (told: import('../lib/explain.mjs').Told) => void, ended: (error: Error) => void }} listeners
   */
  constructor(assignment, folder, clock, listeners) {
    this.name = assignment.side
    this.#child = spawnOwned(process.execPath, ['--expose-gc', script, folder], {
      env: { ...process.env, ...clock, XAUTH_SOAK: JSON.stringify(assignment) },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child.on('message', (/** @type {any} */ message) => {
      if (message.sample) listeners.sample(message.sample)
      else if (message.told) listeners.told(message.told)
      else if (message.id !== undefined) this.#answered(message)
    })
    this.#child.once('exit', (code, signal) => {
      const error = new Error(`the process of ${this.name} ended with ${signal ?? code}`)
      for (const { reject } of this.#open.values()) reject(error)
      this.#open.clear()
      listeners.ended(error)
    })
    this.ready = this.#becomesReady()
  }

  /**
   * @param {string} order one of client/process.mjs @param {unknown} [details]
   * @returns {Promise<any>}
   */
  async ask(order, details) {
    const id = this.#orders++
    /** @type {NodeJS.Timeout | undefined} */
    let timer
    try {
      return await new Promise((resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`${this.name} does not answer "${order}"`)), answerMs)
        this.#open.set(id, { resolve, reject })
        this.#child.send({ id, order, details }, (error) => error && reject(error))
      })
    } finally {
      clearTimeout(timer)
      this.#open.delete(id)
    }
  }

  /** Returns what was left open at the end, and how the process ended. @returns {Promise<{ left: string[], exit: string }>} */
  async end() {
    const { left } = await this.ask('end')
    const exited = once(this.#child, 'exit', { signal: AbortSignal.timeout(exitMs) })
    this.#child.ref()
    await this.ask('leave')
    try {
      const [code, signal] = await exited
      return { left, exit: signal ?? `exit code ${code}` }
    } catch {
      this.#child.kill('SIGKILL')
      return { left, exit: `not ended after ${exitMs} ms` }
    }
  }

  /** Kills the process if it has not ended. */
  async kill() {
    await endOwned(this.#child)
  }

  /** @param {{ id: number, answer?: unknown, error?: string }} message */
  #answered({ id, answer, error }) {
    const { resolve, reject } = this.#open.get(id) ?? {}
    if (error !== undefined) reject?.(new Error(`${this.name}: ${error}`))
    else resolve?.(answer)
  }

  #becomesReady() {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${this.name} is not connected after ${answerMs} ms`)),
        answerMs,
      )
      this.#child.on('message', (/** @type {any} */ { ready }) => {
        if (!ready) return
        clearTimeout(timer)
        resolve(undefined)
      })
      this.#child.once('exit', (code) => {
        clearTimeout(timer)
        reject(new Error(`${this.name} ended before it was connected: ${code}`))
      })
    })
  }
}
