/**
 * One exchange with our code: with the mechanism alone, which is how the peers are measured, and with the provider, which
 * the driver calls.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { setMaxListeners } from 'node:events'

/** @typedef {import('./exchanges.mjs').ClientLogin} ClientLogin */
/** @typedef {import('@x/auth-core/base').Mechanism<any>} Mechanism */

const endpoint = {
  endpoint: '127.0.0.1:9042',
  address: '127.0.0.1',
  port: 9042,
  authenticator: 'SaslAuthenticator',
}
const proof = /** @type {import('@x/auth-core/base').ServerProof} */ ({})

// One signal for all exchanges. Any number of them may listen; it is never aborted.
const { signal } = new AbortController()
setMaxListeners(0, signal)

/** @type {import('@x/auth-core/base').ExchangeContext} */
const context = {
  ...endpoint,
  signal,
  now: () => Date.now(),
  randomBytes: (size) => randomBytes(size),
  verifyServer: (expected, received) => {
    if (!received || expected.length !== received.length || !timingSafeEqual(expected, received))
      throw new Error('the server is not verified')
    return proof
  },
  vouchForServer: () => proof,
}

/** @param {Mechanism} mechanism @param {object} credentials parsed credentials @returns {ClientLogin} */
export function mechanismLogin(mechanism, credentials) {
  return async (send) => {
    const conversation = mechanism.converse(credentials, context)
    let step = await conversation.next(null)
    for (;;) {
      if (step.done) throw new Error('the mechanism ended before the server did')
      const { token, done } = await send(step.value.token)
      if (done) {
        if (!step.value.onSuccess) throw new Error('the mechanism did not expect success')
        step.value.onSuccess(token)
        return
      }
      step = await conversation.next(token)
    }
  }
}

/** @param {import('cassandra-driver').auth.AuthProvider} provider @returns {ClientLogin} */
export function providerLogin(provider) {
  return async (send) => {
    // The driver does not pass the token of AUTH_SUCCESS on, so its declarations do not have the argument.
    const login =
      /** @type {import('@x/auth-core/base').DriverAuthenticator & { onAuthenticationSuccess(token?: Buffer): void }} */ (
        provider.newAuthenticator(endpoint.endpoint, endpoint.authenticator)
      )
    /** @type {(error: Error | null, token?: Buffer) => void} */
    let callback = () => {}
    const next = (/** @type {(callback: any) => void} */ begin) =>
      /** @type {Promise<Buffer>} */ (
        new Promise((resolve, reject) => {
          callback = (error, token) => (error ? reject(error) : resolve(token ?? Buffer.alloc(0)))
          begin(callback)
        })
      )
    let message = await next((done) => login.initialResponse(done))
    for (;;) {
      const { token, done } = await send(message)
      if (done) return login.onAuthenticationSuccess(token)
      message = await next((answered) => login.evaluateChallenge(token, answered))
    }
  }
}
