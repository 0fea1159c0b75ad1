/**
 * A server side of `@x/auth-testserver` that passes SASL to a foreign server, so that the stock driver can log in to
 * it.
 */

/** @typedef {import('./peer.mjs').Opening} Opening */

/**
 * `proofIn: 'challenge'` helps with a driver that drops the data of AUTH_SUCCESS: the authenticator sends them as one more
 * challenge, which needs an empty answer (RFC 4422 §5, 3a).
 * @param {{ open(opening: Opening): Promise<import('./peer.mjs').ForeignExchange> }} peer
 * @param {Opening | ((connection: import('@x/auth-testserver').ConnectionInfo) => Opening)} opening
 * @param {{ proofIn?: 'success' | 'challenge' }} [options]
 * @returns {import('@x/auth-testserver').ServerAuthenticator}
 */
export function foreignAuthenticator(peer, opening, { proofIn = 'success' } = {}) {
  return {
    name: 'org.example.ForeignSaslAuthenticator',
    newExchange(connection) {
      const exchange = peer.open(typeof opening === 'function' ? opening(connection) : opening)
      /** @type {import('@x/auth-testserver').Reply | undefined} */
      let held
      return {
        async respond(token) {
          if (held) return token?.length === 0 ? held : { failure: 'the answer must be empty' }
          const reply = await (await exchange).step(token)
          if (proofIn === 'success' || !('success' in reply) || !reply.success?.length) return reply
          held = { ...reply, success: null }
          return { challenge: reply.success }
        },
      }
    },
  }
}
