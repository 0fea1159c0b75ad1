/**
 * Our client with a foreign server. This code replaces the driver: it passes on what a server sends with its success, which
 * the stock driver does not. So proofs are checked in every place.
 */

/**
 * @typedef {import('./peer.mjs').Opening} Opening
 * @typedef {{ newAuthenticator(endpoint: string, name: string): import('@x/auth-core/base').DriverAuthenticator }} Provider
 */

const maxSteps = 8

/**
 * One login. `outcome` is the user if both sides report a success, `refused` if the server ends the login, otherwise the
 * code of our error. `last` is the place of the server's last message.
 * @param {Pick<import('./peer.mjs').Peer, 'open'>} peer
 * @param {Opening} opening
 * @param {Provider} provider
 * @param {{ change?: (message: Buffer) => Buffer }} [between] `change`: changes the server's last message
 */
export async function converse(peer, opening, provider, { change = (message) => message } = {}) {
  const exchange = await peer.open(opening)
  const client = clientOf(provider)
  let [challenges, last] = [0, 'none']
  /** @param {string} outcome @param {{ details?: unknown, reason?: string }} [more] */
  const ended = (outcome, more) => ({ outcome, last, challenges, ...more })
  try {
    let token = await client.first()
    while (challenges < maxSteps) {
      const reply = await exchange.step(token)
      // If the client has stopped with a last message, its error says more than the server.
      if ('failure' in reply)
        return ended(client.failure()?.code ?? 'refused', {
          details: client.failure()?.details,
          reason: reply.failure,
        })
      if ('success' in reply) {
        if (reply.success?.length) last = 'success'
        client.succeed(reply.success && change(reply.success))
        return ended(`logged in as ${reply.username}`)
      }
      challenges++
      const { challenge } = reply
      if (isProof(challenge)) last = 'challenge'
      token = await client.answer(isProof(challenge) ? change(challenge) : challenge)
    }
    return ended('too many challenges')
  } catch (error) {
    const failure = client.failure()
    if (error !== failure || failure?.code === undefined) throw error
    return ended(failure.code, { details: failure.details })
  }
}

/** Changes one bit of a proof, v= or rspauth=. @param {Buffer} message */
export function flipBit(message) {
  const changed = Buffer.from(message)
  const at = message.indexOf('=') + 3
  changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
  return changed
}

/** Whether it is v= or rspauth=. @param {Buffer | null} message @returns {message is Buffer} */
export function isProof(message) {
  return message !== null && /^(v|rspauth)=/.test(message.toString('latin1'))
}

/** @param {Provider} provider */
function clientOf(provider) {
  const client = provider.newAuthenticator('127.0.0.1:9042', 'org.example.SaslAuthenticator')
  /**
   * The error from the driver's callback, which may also come after a token.
   *
   * @type {(Error & { code?: string, details?: object }) | undefined}
   */
  let failure
  /** @param {(callback: (error: Error | null, token?: Buffer) => void) => void} ask @returns {Promise<Buffer>} */
  const token = (ask) =>
    new Promise((resolve, reject) => {
      ask((error, bytes) => {
        failure ??= error ?? undefined
        if (error) reject(error)
        else if (bytes) resolve(bytes)
      })
    })
  return {
    failure: () => failure,
    first: () => token((callback) => client.initialResponse(callback)),
    /** @param {Buffer | null} challenge */
    answer: (challenge) =>
      token((callback) => client.evaluateChallenge(/** @type {Buffer} */ (challenge), callback)),
    /** @param {Buffer | null} message */
    succeed(message) {
      client.onAuthenticationSuccess?.(/** @type {Buffer} */ (message))
      if (failure) throw failure
    },
  }
}
