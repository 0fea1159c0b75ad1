import { finish, type OneWayMechanism } from '../mechanism.js'

/**
 * EXTERNAL (RFC 4422 appendix A) as Cassandra's certificate authenticators use it: one empty message, which says "you
 * know me from the connection". They send no challenge and take no role to act as.
 */
export const certificate: OneWayMechanism<undefined> = {
  name: 'EXTERNAL',
  clientFirst: true,
  mutual: false,
  cleartext: false,
  spec: 'RFC 4422',

  // The key of the certificate is the credential, and it stays in TLS.
  parseCredentials: () => undefined,

  async *converse() {
    // Cassandra 5.0 reads the length of the token: zero bytes, not null.
    yield finish(new Uint8Array(0))
  },
}
