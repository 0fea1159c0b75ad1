/**
 * Our client against a server of somebody else, with the driver's side played by hand: unlike the stock driver it hands over
 * what a server sends with its success, so that proofs are checked wherever they are.
 */

/**
 * @typedef {import('./peer.mjs').Opening} Opening
 * @typedef {{ newAuthenticator(endpoint: string, name: string): import('@x/auth-core/base').DriverAuthenticator }} Provider
 */

const maxSteps = 8

/**
 * One login. `outcome` is who is logged in where both sides say so, `refused` where the server ends it, else the code of our
 * error. `last` says where the server's last message was.
 * @param {Pick<import('./peer.mjs').Peer, 'open'>} peer
 * @param {Opening} opening
 * @param {Provider} provider
 * @param {{ change?: (message: Buffer) => Buffer }} [between] `change`: what somebody makes of the server's last message
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
      // A client that has given up with a last message knows more than the server's word.
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

/** Is it v= or rspauth=? @param {Buffer | null} message @returns {message is Buffer} */
export function isProof(message) {
  return message !== null && /^(v|rspauth)=/.test(message.toString('latin1'))
}

/** @param {Provider} provider */
function clientOf(provider) {
  const client = provider.newAuthenticator('127.0.0.1:9042', 'org.example.SaslAuthenticator')
  /** Told by the driver's callback, also after a token. @type {(Error & { code?: string, details?: object }) | undefined} */
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
