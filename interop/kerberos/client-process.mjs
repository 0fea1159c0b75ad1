/**
 * Logins in a separate process: a crash or a blocked thread pool is then a result, and does not stop the suite.
 *
 *   node client-process.mjs FOLDER KERBEROS     talks to client.mjs over IPC; KERBEROS: path of npm `kerberos`
 */
import { pbkdf2 } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { performance } from 'node:perf_hooks'
import { promisify } from 'node:util'
import { converse } from '../sasl/conversation.mjs'
import { gssapiProvider } from './providers.mjs'

/** @typedef {{ login: number, token: string | null }} Step */

const derive = promisify(pbkdf2)
const path = process.argv[3] ?? ''
const kerberos = createRequire(import.meta.url)(path)

/** @type {Map<number, (reply: any) => void>} */
const waiting = new Map()
/** @type {Map<string, import('./providers.mjs').Provider>} */
const providers = new Map()

process.on('message', (/** @type {any} */ message) => {
  if (message.login !== undefined) void logIn(message)
  if (message.reply) waiting.get(message.step)?.(message.reply)
  if (message.watch) void watch()
  if (message.unwatch) watching = false
})
process.once('disconnect', () => process.exit(1))
process.send?.({ ready: true })

/** @param {{ login: number, kind: import('./providers.mjs').Kind, options: object, opening: import('../sasl/peer.mjs').Opening }} message */
async function logIn({ login, kind, options, opening }) {
  const start = performance.now()
  try {
    const provider = providerOf(kind, options)
    const result = await converse({ open: async () => remoteExchange(login) }, opening, provider)
    process.send?.({ login, result, ms: performance.now() - start })
  } catch (error) {
    const { message } = /** @type {Error} */ (error)
    process.send?.({ login, result: { outcome: `error: ${message}` }, ms: performance.now() - start })
  }
}

/**
 * One provider for each text of its options: an application has one provider too.
 *
 * @param {import('./providers.mjs').Kind} kind
 * @param {object} options
 */
function providerOf(kind, options) {
  const key = JSON.stringify([kind, options])
  const provider = providers.get(key) ?? gssapiProvider(kind, options, kerberos, path)
  providers.set(key, provider)
  return provider
}

let steps = 0

/**
 * The server. The other process exchanges the messages with it.
 *
 * @param {number} login
 * @returns {import('../sasl/peer.mjs').ForeignExchange}
 */
function remoteExchange(login) {
  return {
    step: (token) =>
      new Promise((resolve) => {
        const step = steps++
        waiting.set(step, (reply) => {
          waiting.delete(step)
          resolve(decoded(reply))
        })
        process.send?.({ login, step, token: token && Buffer.from(token).toString('base64') })
      }),
  }
}

/** @param {any} reply @returns {import('../sasl/peer.mjs').Reply} */
function decoded(reply) {
  const bytes = (/** @type {string | null} */ text) => (text === null ? null : Buffer.from(text, 'base64'))
  if ('challenge' in reply) return { challenge: bytes(reply.challenge) }
  if ('success' in reply) return { ...reply, success: bytes(reply.success) }
  return reply
}

let watching = false

/** Other work of the process, and the longest time that each kind takes. */
async function watch() {
  watching = true
  const worst = { readFileMs: 0, pbkdf2Ms: 0, eventLoopMs: 0, rounds: 0 }
  let last = performance.now()
  const ticks = setInterval(() => {
    const now = performance.now()
    worst.eventLoopMs = Math.max(worst.eventLoopMs, now - last - 10)
    last = now
  }, 10)
  while (watching) {
    worst.readFileMs = Math.max(worst.readFileMs, await timed(() => readFile(new URL(import.meta.url))))
    worst.pbkdf2Ms = Math.max(worst.pbkdf2Ms, await timed(() => derive('password', 'salt', 1, 16, 'sha256')))
    worst.rounds++
    await new Promise((resolve) => setImmediate(resolve))
  }
  clearInterval(ticks)
  process.send?.({ watched: worst })
}

/** @param {() => Promise<unknown>} work */
async function timed(work) {
  const start = performance.now()
  await work()
  return performance.now() - start
}
