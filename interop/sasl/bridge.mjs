/** A server side of `@x/auth-testserver` whose SASL is done by a foreign server: the stock driver can log in to it. */

/**
 * `proofIn: 'challenge'` is what an authenticator can do about a driver that drops the data of AUTH_SUCCESS: it sends them as
 * one more challenge, which wants an empty answer (RFC 4422 §5, 3a).
 * @param {import('./peer.mjs').Peer} peer
 * @param {import('./peer.mjs').Opening} opening
 * @param {{ proofIn?: 'success' | 'challenge' }} [options]
 * @returns {import('@x/auth-testserver').ServerAuthenticator}
 */
export function foreignAuthenticator(peer, opening, { proofIn = 'success' } = {}) {
  return {
    name: 'org.example.ForeignSaslAuthenticator',
    newExchange() {
      const exchange = peer.open(opening)
      /** @type {import('@x/auth-testserver').Reply | undefined} */
      let held
      return {
        async respond(token) {
          if (held) return token?.length === 0 ? held : { failure: 'an empty answer was wanted' }
          const reply = await (await exchange).step(token)
          if (proofIn === 'success' || !('success' in reply) || !reply.success?.length) return reply
          held = { ...reply, success: null }
          return { challenge: reply.success }
        },
      }
    },
  }
}
