/** SCRAM-SHA-256: the server, a minimal client for Node, our client, and the clients in pg, mongodb and kafkajs. */
import { createHash, createHmac, createSecretKey, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { mechanismLogin, providerLogin } from './our-mechanism.mjs'
import { installPeer, requirePeer } from './peers.mjs'

/** @typedef {import('./exchanges.mjs').ClientLogin} ClientLogin */
/** @typedef {(username: string) => ClientLogin} Client a client that may keep the derived keys of a user */

export const password = 'a password of some length'

/** pg always sends this name: its server knows the user from another message. */
const userOfPg = '*'

/** @returns {Promise<import('./row.mjs').Running>} */
export async function installScramPeers() {
  installPeer('pg')
  installPeer('mongodb')
  installPeer('kafkajs')
  return { info: {} }
}

/** A server that knows these users. @param {readonly string[]} names @param {number} iterations */
export async function scramServerFor(names, iterations) {
  const { scramServer } = await import('@x/auth-testserver')
  const users = Object.fromEntries([userOfPg, ...names].map((name) => [name, password]))
  return scramServer({ users, iterations, proofIn: 'success' })
}

/** The subjects' clients; each call makes a new one. @satisfies {Record<string, { title: string, client: () => Promise<Client> }>} */
export const scramClients = /** @type {const} */ ({
  floor: { title: 'node:crypto, keys cached', client: async () => floor() },
  ours: { title: '@x/auth-sasl, the mechanism alone', client: ours },
  provider: { title: '@x/auth-sasl, behind the provider', client: ourProvider },
  pg: { title: 'pg', client: async () => pg() },
  mongodb: { title: 'mongodb', client: async () => mongodb() },
  kafkajs: { title: 'kafkajs', client: async () => kafkajs() },
})

/** What every client must do: a nonce, two HMACs, a XOR, a comparison. @returns {Client} */
function floor() {
  /** @type {Map<string, Awaited<ReturnType<typeof deriveKeys>>>} */
  const known = new Map()
  return (username) => async (send) => {
    const bare = `n=${username},r=${randomBytes(18).toString('base64')}`
    const first = (await send(Buffer.from(`n,,${bare}`))).token.toString()
    const [, nonce = '', salt = '', iterations = ''] = /^r=([^,]+),s=([^,]+),i=(\d+)/.exec(first) ?? []
    const name = `${salt} ${iterations}`
    const keys = known.get(name) ?? (await deriveKeys(salt, Number(iterations)))
    known.set(name, keys)
    const withoutProof = `c=biws,r=${nonce}`
    const authMessage = `${bare},${first},${withoutProof}`
    const clientProof = createHmac('sha256', keys.storedKey).update(authMessage).digest()
    for (let index = 0; index < clientProof.length; index++)
      clientProof[index] = Number(clientProof[index]) ^ Number(keys.clientKey[index])
    const final = (
      await send(Buffer.from(`${withoutProof},p=${clientProof.toString('base64')}`))
    ).token.toString()
    const signature = createHmac('sha256', keys.serverKey).update(authMessage).digest()
    if (!timingSafeEqual(signature, Buffer.from(final.slice(2), 'base64'))) throw new Error('not verified')
  }
}

/** @param {string} salt @param {number} iterations */
async function deriveKeys(salt, iterations) {
  const salted = await promisify(pbkdf2)(password, Buffer.from(salt, 'base64'), iterations, 32, 'sha256')
  const hmac = (/** @type {string} */ text) => createHmac('sha256', salted).update(text).digest()
  const clientKey = hmac('Client Key')
  return {
    clientKey,
    storedKey: createSecretKey(createHash('sha256').update(clientKey).digest()),
    serverKey: createSecretKey(hmac('Server Key')),
  }
}

/** @returns {Promise<Client>} */
async function ours() {
  const { scram } = await import('@x/auth-sasl/mechanisms')
  const mechanism = scram('SCRAM-SHA-256')
  return perUser((username) => mechanismLogin(mechanism, mechanism.parseCredentials({ username, password })))
}

/** @returns {Promise<Client>} */
async function ourProvider() {
  const { SaslAuthProvider } = await import('@x/auth-sasl')
  return perUser((username) =>
    providerLogin(new SaslAuthProvider({ mechanism: 'SCRAM-SHA-256', username, password })),
  )
}

/** @param {Client} make @returns {Client} calls `make` once for each user */
function perUser(make) {
  /** @type {Map<string, ClientLogin>} */
  const known = new Map()
  return (username) => {
    const login = known.get(username) ?? make(username)
    known.set(username, login)
    return login
  }
}

/** @returns {Client} */
function pg() {
  const { startSession, continueSession, finalizeSession } = requirePeer('pg', '/lib/crypto/sasl')
  return () => async (send) => {
    const session = startSession(['SCRAM-SHA-256'])
    await continueSession(session, password, (await send(Buffer.from(session.response))).token.toString())
    finalizeSession(session, (await send(Buffer.from(session.response))).token.toString())
  }
}

/** @returns {Client} */
function mongodb() {
  const { Binary } = requirePeer('mongodb')
  const { ScramSHA256 } = requirePeer('mongodb', '/lib/cmap/auth/scram')
  const mechanism = new ScramSHA256()
  return (username) => async (send) => {
    const command = async (/** @type {unknown} */ _, /** @type {{ payload: any }} */ { payload }) => {
      const { token } = await send(payload.buffer.subarray(0, payload.position))
      return { conversationId: 1, done: true, payload: new Binary(token) }
    }
    const credentials = { username, password, source: 'admin' }
    await mechanism.auth({ connection: { command }, credentials, nonce: randomBytes(24) })
  }
}

/** @returns {Client} */
function kafkajs() {
  const { SCRAM, DIGESTS } = requirePeer('kafkajs', '/src/broker/saslAuthenticator/scram')
  const logger = { debug() {}, error() {} }
  return (username) => async (send) => {
    /** @param {{ request: { encode(): Promise<Buffer> }, response: { parse(data: Buffer): unknown } }} call */
    const exchange = async ({ request, response }) => {
      // [bytes]: the length, then the message.
      const message = (await request.encode()).subarray(4)
      return response.parse((await send(message)).token)
    }
    await new SCRAM(
      { username, password },
      '127.0.0.1',
      9092,
      logger,
      exchange,
      DIGESTS.SHA256,
    ).authenticate()
  }
}
