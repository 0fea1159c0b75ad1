/**
 * Runs one login of a mechanism. There is no adapter: the test is the context that the mechanism asks for everything.
 */
import { authError } from '@x/auth-core/base'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/**
 * @param {import('@x/auth-core/base').Mechanism<unknown>} mechanism
 * @param {object} credentials
 * @param {{ nonce?: string | undefined, binding?: Buffer | undefined, port: number }} options
 * @param {readonly (Buffer | null)[]} messages of the server, each a challenge
 * @param {Buffer | null} success the token of AUTH_SUCCESS
 * @returns {Promise<boolean>} whether the client accepts the server; it throws when it refuses the server
 */
export async function converse(mechanism, credentials, { nonce, binding, port }, messages, success) {
  const abort = new AbortController()
  /** @type {any} The proof is a brand that only auth-core creates. */
  const proof = {}
  /** @type {import('@x/auth-core/base').ExchangeContext} */
  const context = {
    endpoint: `10.0.0.1:${port}`,
    address: '10.0.0.1',
    port,
    authenticator: 'org.example.SaslAuthenticator',
    signal: abort.signal,
    now: () => 0,
    randomBytes: (size) =>
      nonce === undefined
        ? Buffer.alloc(size, 7)
        : Uint8Array.from(nonce, (character) => alphabet.indexOf(character)),
    verifyServer(expected, received) {
      if (received && Buffer.compare(expected, received) === 0) return proof
      throw authError('SERVER_NOT_VERIFIED')
    },
    vouchForServer: () => proof,
    channelBinding: () => binding,
  }
  const talk = mechanism.converse(mechanism.parseCredentials(credentials), context)
  let step = (await talk.next(null)).value
  for (const message of messages) {
    step = (await talk.next(message)).value
    if (!step) throw authError('UNEXPECTED_CHALLENGE')
  }
  if (!step?.onSuccess) throw authError('UNEXPECTED_SUCCESS')
  step.onSuccess(success)
  return true
}
