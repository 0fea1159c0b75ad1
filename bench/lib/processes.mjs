/** A fresh process for each subject in each repeat, so that the heap and the JIT of one do not affect another. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** @typedef {import('./child.mjs').Order} Order */
/** @typedef {import('./row.mjs').Sample} Sample */

const child = fileURLToPath(new URL('child.mjs', import.meta.url))
const roundTimeoutMs = 120_000
/** Packing and installing from a registry count as set-up. */
const setUpTimeoutMs = 300_000

/** One process that gets one message at a time. */
class Worker {
  #process
  /** @type {Promise<void>} */
  #ended

  constructor() {
    this.#process = fork(child, [], {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#ended = new Promise((resolve) => this.#process.once('exit', () => resolve()))
  }

  /**
   * @param {Order | 'next'} message
   * @param {number} timeoutMs
   * @returns {Promise<{ result: any, done: boolean }>}
   */
  async ask(message, timeoutMs) {
    const worker = this.#process
    const listening = new AbortController()
    const answer = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs)
      const exited = () => reject(new Error('the process ended without an answer'))
      worker.once('message', resolve)
      worker.once('exit', exited)
      listening.signal.addEventListener('abort', () => {
        clearTimeout(timer)
        worker.off('message', resolve)
        worker.off('exit', exited)
      })
      worker.send(message, (error) => error && reject(error))
    })
    try {
      /** @type {import('./child.mjs').Answer} */
      const said = await answer
      if ('error' in said) throw new Error(said.error)
      return said
    } finally {
      listening.abort()
    }
  }

  /** Lets the process stop what it has started; kills it after a while. */
  async stop() {
    const timer = setTimeout(() => this.kill(), 5_000)
    if (this.#process.connected) this.#process.disconnect()
    await this.#ended
    clearTimeout(timer)
  }

  kill() {
    this.#process.kill('SIGKILL')
  }
}

/**
 * Runs one repeat: each subject has its own process, and their rounds alternate.
 * @param {readonly Order[]} orders
 * @returns {Promise<Sample[][]>} the rounds of each
 */
export async function measureInTurn(orders) {
  const workers = orders.map(() => new Worker())
  const rounds = orders.map(() => /** @type {Sample[]} */ ([]))
  /** @type {Set<number>} */
  const open = new Set(orders.keys())
  try {
    while (open.size > 0) {
      for (const index of [...open]) {
        const collected = rounds[index] ?? []
        const message = collected.length === 0 ? orders[index] : 'next'
        const said = await workers[index]?.ask(message ?? 'next', roundTimeoutMs)
        if (said?.result !== undefined) collected.push(said.result)
        if (said?.done !== false) open.delete(index)
      }
    }
    return rounds
  } finally {
    for (const worker of workers) worker.kill()
  }
}

/**
 * Runs a row's `setUp` in a separate process, which runs until `stop`.
 * @param {Order} order
 * @returns {Promise<{ shared: unknown, stop: () => Promise<void> }>}
 */
export async function setUpApart(order) {
  const worker = new Worker()
  try {
    const { result } = await worker.ask(order, setUpTimeoutMs)
    return { shared: result, stop: () => worker.stop() }
  } catch (error) {
    await worker.stop()
    throw error
  }
}
