/**
 * The areas that decide a login, and how many of their mutants the tests must kill. A place is a file, or a folder with
 * everything in it. A file that no area names belongs to `others`.
 */
const deciding = 95
const core = 'packages/auth-core/src'
const sasl = 'packages/auth-sasl/src'
const sigv4 = 'packages/auth-sigv4/src'
const tls = 'packages/tls-profiles/src'

/** @typedef {{ name: string, goal: number, places: readonly string[] }} Area */

/** @type {readonly Area[]} */
export const areas = [
  {
    name: 'exchange',
    goal: deciding,
    places: [
      `${core}/base.ts`,
      `${core}/provider.ts`,
      `${core}/lib/login/adopt-error.ts`,
      `${core}/lib/login/connection.ts`,
      `${core}/lib/login/exchange.ts`,
      `${core}/lib/login/login-context.ts`,
      `${core}/lib/login/login-counter.ts`,
      `${core}/lib/login/obtain-credentials.ts`,
      `${core}/lib/login/refusals.ts`,
      `${core}/lib/login/snapshot.ts`,
      `${core}/lib/login/source-error.ts`,
      `${core}/lib/login/watched-login.ts`,
    ],
  },
  {
    name: 'proof',
    goal: deciding,
    places: [
      `${core}/lib/login/server-proof.ts`,
      `${sasl}/lib/scram`,
      `${sasl}/lib/bytes.ts`,
      `${sasl}/lib/nonce.ts`,
      `${tls}/lib/connection/channel-binding.ts`,
    ],
  },
  {
    name: 'mechanisms',
    goal: deciding,
    places: [
      `${core}/mechanism.ts`,
      `${core}/mechanisms`,
      'packages/auth-plaintext/src',
      `${sasl}/mechanisms`,
      `${sasl}/lib/digest`,
      `${sasl}/lib/gssapi`,
      `${sasl}/lib/authorization-id.ts`,
    ],
  },
  {
    name: 'list choice',
    goal: deciding,
    places: [
      `${core}/authenticator-pattern.ts`,
      `${core}/known-authenticator.ts`,
      `${core}/routing.ts`,
      `${core}/lib/login/attempts.ts`,
      `${core}/lib/login/authenticator-negotiation.ts`,
      `${core}/lib/login/choice.ts`,
      `${core}/lib/login/fitting.ts`,
      `${core}/lib/login/floor.ts`,
      `${sasl}/lib/provider-options.ts`,
    ],
  },
  {
    name: 'whole-client check',
    goal: deciding,
    places: [
      `${core}/assert-authenticated.ts`,
      `${core}/assert-not-anonymous.ts`,
      `${core}/provider-record.ts`,
      `${core}/secure-client-options.ts`,
      `${core}/lib/client`,
    ],
  },
  {
    name: 'names',
    goal: deciding,
    places: [
      `${core}/endpoint.ts`,
      `${sasl}/lib/sasl-name.ts`,
      `${sasl}/lib/saslprep.ts`,
      `${sasl}/lib/server-host.ts`,
      `${sasl}/lib/reverse-dns.ts`,
      `${tls}/lib/identity`,
      `${tls}/lib/endpoint.ts`,
      `${tls}/spki-pin.ts`,
    ],
  },
  { name: 'material', goal: deciding, places: [`${tls}/lib/material`, `${tls}/lib/rotation`] },
  {
    name: 'signer',
    goal: deciding,
    places: [
      `${sigv4}/sigv4.ts`,
      `${sigv4}/lib/derive-signer.ts`,
      `${sigv4}/lib/nonce.ts`,
      `${sigv4}/lib/read-credentials.ts`,
      `${sigv4}/lib/signer.ts`,
      `${sigv4}/lib/signing-credentials.ts`,
    ],
  },
  {
    name: 'cache',
    goal: deciding,
    places: [`${core}/sources/cached.ts`, `${core}/lib/cache`, `${core}/lib/secrets/file-snapshot.ts`],
  },
]

/** @type {Area} */
export const others = { name: 'others', goal: 85, places: [] }

/** What CI mutates if nothing has changed. It is small, and every line of it decides a login. */
export const sample = `${core}/lib/login/server-proof.ts`
