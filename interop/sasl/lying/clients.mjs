/** The clients that get the lies: ours, and others in the given versions. */
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { SaslAuthProvider } from '@x/auth-sasl'
import { npmWith, pythonWith } from '../../lib/installed.mjs'
import { temporaryFolder } from '../../lib/paths.mjs'
import { converse } from '../conversation.mjs'
import { Peer } from '../peer.mjs'
import { credentials } from './lies.mjs'

/** @typedef {(message: Uint8Array | string) => Promise<Buffer>} Send throws if the server refuses */
/**
 * @typedef {(exchange: import('@x/auth-testserver').ServerExchange) => Promise<string>} Client `accepted`, or the reason
 *   for a refusal
 */

const versions = { pg: '8.23.1', mongodb: '7.9.0', kafkajs: '2.2.4', 'sasl-scram-sha-1': '1.4.0' }
const pureSasl = '0.6.2'

export const titles = {
  ours: '`@x/auth-sasl`',
  ...Object.fromEntries(Object.entries(versions).map(([name, version]) => [name, `${name} ${version}`])),
  'pure-sasl': `pure-sasl ${pureSasl}`,
}

/** @param {'SCRAM-SHA-256' | 'DIGEST-MD5'} mechanism @returns {Client} */
export function ourClient(mechanism) {
  return async (exchange) => {
    /** @param {Uint8Array | null} token */
    const step = async (token) => asForeign(await exchange.respond(token))
    const peer = { open: async () => ({ step }) }
    const provider = new SaslAuthProvider({ mechanism, ...credentials })
    const { outcome } = await converse(peer, { mechanism }, provider)
    return outcome.startsWith('logged in') ? 'accepted' : `\`${outcome}\``
  }
}

/** @param {import('@x/auth-testserver').Reply} reply @returns {import('../peer.mjs').Reply} */
function asForeign(reply) {
  if ('failure' in reply) return reply
  if ('success' in reply) return { ...reply, success: reply.success && Buffer.from(reply.success) }
  return { challenge: reply.challenge && Buffer.from(reply.challenge) }
}

/** The clients that have SCRAM. @returns {Promise<Record<string, Client>>} */
export async function scramClients() {
  const packages = Object.entries(versions).map(([name, version]) => `${name}@${version}`)
  const require = createRequire(await npmWith('scram-clients', packages))
  return {
    pg: verdict(pg(require)),
    mongodb: verdict(mongodb(require)),
    kafkajs: verdict(kafkajs(require)),
    'sasl-scram-sha-1': verdict(saslScramSha1(require)),
  }
}

/** @param {(send: Send) => Promise<void>} login @returns {Client} */
function verdict(login) {
  return async (exchange) => {
    const refusal = new Error('refused by the server')
    try {
      await login(async (message) => {
        const reply = await exchange.respond(Buffer.from(message))
        if ('failure' in reply) throw refusal
        return Buffer.from(('success' in reply ? reply.success : reply.challenge) ?? [])
      })
      return 'accepted'
    } catch (error) {
      // The client misread the message: it neither accepted nor refused it.
      if (error === refusal) return 'fails: the server refuses its answer'
      return 'refused'
    }
  }
}

/** @param {NodeJS.Require} load */
function pg(load) {
  const { startSession, continueSession, finalizeSession } = load('pg/lib/crypto/sasl')
  return async (/** @type {Send} */ send) => {
    const session = startSession(['SCRAM-SHA-256'])
    await continueSession(session, credentials.password, String(await send(session.response)))
    finalizeSession(session, String(await send(session.response)))
  }
}

/** @param {NodeJS.Require} load */
function mongodb(load) {
  const { Binary } = load('mongodb')
  const { ScramSHA256 } = load('mongodb/lib/cmap/auth/scram')
  return async (/** @type {Send} */ send) => {
    const command = async (/** @type {unknown} */ _, /** @type {{ payload: any }} */ { payload }) => ({
      conversationId: 1,
      done: true,
      payload: new Binary(await send(payload.buffer.subarray(0, payload.position))),
    })
    const who = { ...credentials, source: 'admin' }
    await new ScramSHA256().auth({ connection: { command }, credentials: who, nonce: randomBytes(24) })
  }
}

/** @param {NodeJS.Require} load */
function kafkajs(load) {
  const { SCRAM, DIGESTS } = load('kafkajs/src/broker/saslAuthenticator/scram')
  const logger = { debug() {}, error() {} }
  return async (/** @type {Send} */ send) => {
    /** @param {{ request: { encode(): Promise<Buffer> }, response: { parse(data: Buffer): unknown } }} call */
    const exchange = async ({ request, response }) =>
      response.parse(await send((await request.encode()).subarray(4)))
    await new SCRAM(credentials, '127.0.0.1', 9092, logger, exchange, DIGESTS.SHA256).authenticate()
  }
}

/** @param {NodeJS.Require} load */
function saslScramSha1(load) {
  const Mechanism = load('sasl-scram-sha-1')
  return async (/** @type {Send} */ send) => {
    const mechanism = new Mechanism()
    let message = await mechanism.response(credentials)
    for (let step = 0; step < 2; step++) {
      mechanism.challenge(String(await send(message)))
      message = await mechanism.response(credentials)
    }
  }
}

/**
 * pure-sasl with the behaviour of the Python driver, which drops the server's last message if it comes with its
 * success.
 */
export async function startPureSasl() {
  const python = await pythonWith('pure-sasl', [`pure-sasl==${pureSasl}`])
  const script = fileURLToPath(new URL('../python/pure_sasl_client.py', import.meta.url))
  const peer = new Peer('pure-sasl', python, [script, temporaryFolder('pure-sasl')])
  /** @type {Client} */
  const client = async (exchange) => {
    const { step } = await peer.open({ mechanism: 'DIGEST-MD5', options: credentials })
    /** @type {Uint8Array | null} */
    let token = Buffer.alloc(0)
    for (;;) {
      const reply = await exchange.respond(token)
      if ('failure' in reply) return 'fails: the server refuses its answer'
      if ('success' in reply) return 'accepted'
      const answer = await step(reply.challenge)
      if (!('challenge' in answer)) return 'refused'
      token = answer.challenge
    }
  }
  return { client, stop: () => peer.stop() }
}
