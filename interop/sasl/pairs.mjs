/** The mechanisms of each server, and the known differences of the servers from the RFCs. */

import { oddRole } from './users.mjs'

const scram = ['SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512']

/**
 * `last`: where the server sends its proof. `roles`: which authorization ids it accepts; `any`: its policy decides.
 * @typedef {{
 *   server: string
 *   process: 'java' | 'libgsasl' | 'Cyrus' | 'scramp'
 *   opening: { mechanism: string, provider?: string, options?: Readonly<Record<string, string>> }
 *   last: 'success' | 'challenge' | 'none'
 *   roles: 'any' | 'own' | 'none'
 * }} Pair
 */

/**
 * @param {string} server
 * @param {Pair['process']} process
 * @param {readonly string[]} mechanisms
 * @param {{ provider?: string, options?: Readonly<Record<string, string>>, last?: Pair['last'], roles?: Pair['roles'] }} [more]
 * @returns {Pair[]}
 */
function pairsOf(server, process, mechanisms, { provider, options, last = 'success', roles = 'any' } = {}) {
  return mechanisms.map((mechanism) => ({
    server,
    process,
    opening: { mechanism, ...(provider && { provider }), ...(options && { options }) },
    last: isMutual(mechanism) ? last : 'none',
    roles: mechanism === 'CRAM-MD5' ? 'none' : roles,
  }))
}

/** @param {string} mechanism */
export function isMutual(mechanism) {
  return mechanism.startsWith('SCRAM-') || mechanism === 'DIGEST-MD5'
}

/** Mechanisms with a user name and a password. */
export const passwordPairs = [
  ...pairsOf('JDK', 'java', ['CRAM-MD5', 'DIGEST-MD5'], { provider: 'jdk' }),
  ...pairsOf('Elytron', 'java', ['PLAIN', 'DIGEST-MD5', ...scram], { provider: 'elytron' }),
  ...pairsOf('Kafka', 'java', ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'], {
    provider: 'kafka',
    roles: 'own',
  }),
  ...pairsOf('libgsasl', 'libgsasl', ['PLAIN', 'CRAM-MD5', 'DIGEST-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-256']),
  ...pairsOf('Cyrus', 'Cyrus', ['PLAIN', 'CRAM-MD5', 'DIGEST-MD5', ...scram], { last: 'challenge' }),
  ...pairsOf('Cyrus', 'Cyrus', ['DIGEST-MD5', ...scram], { options: { 'success-data': 'yes' } }),
  ...pairsOf('scramp', 'scramp', scram, { roles: 'none' }),
]

const external = { external: 'alice' }

/** EXTERNAL and ANONYMOUS. @type {readonly Omit<Pair, 'last' | 'roles'>[]} */
export const namelessPairs = [
  {
    server: 'Elytron',
    process: 'java',
    opening: { mechanism: 'EXTERNAL', provider: 'elytron', options: external },
  },
  { server: 'libgsasl', process: 'libgsasl', opening: { mechanism: 'EXTERNAL', options: external } },
  { server: 'Cyrus', process: 'Cyrus', opening: { mechanism: 'EXTERNAL', options: external } },
  { server: 'Elytron', process: 'java', opening: { mechanism: 'ANONYMOUS', provider: 'elytron' } },
  { server: 'libgsasl', process: 'libgsasl', opening: { mechanism: 'ANONYMOUS' } },
  { server: 'Cyrus', process: 'Cyrus', opening: { mechanism: 'ANONYMOUS' } },
]

const hashesUtf8 = 'it hashes UTF-8 where RFC 2831 §2.1.2.1 has ISO 8859-1'
const escapes = 'it treats the backslash of a quoted string as a part of the string (RFC 2831 §7.1)'
const asciiOnly = 'it accepts only user names in ASCII'

/**
 * Differences from the RFC with right credentials; `name` is the name of the user or of the role. If the server follows the
 * RFC now, the suite fails: then remove the row.
 * @typedef {{ server: string, mechanism: RegExp, name: string, why: string, outcome?: string }} Difference
 * @type {readonly Difference[]}
 */
const differences = [
  ...['zoë', 'zoe', 'rawprep'].map((name) => ({
    server: 'Elytron',
    mechanism: /^DIGEST-MD5$/,
    name,
    why: hashesUtf8,
  })),
  {
    server: 'Elytron',
    mechanism: /^SCRAM-/,
    name: oddRole,
    why: 'it does not undo =2C and =3D in a role (RFC 5802 §5.1)',
    outcome: `logged in as ${oddRole.replaceAll('=', '=3D').replaceAll(',', '=2C')}`,
  },
  {
    server: 'libgsasl',
    mechanism: /^DIGEST-MD5$/,
    name: 'zoë',
    why: 'it hashes the password as ISO 8859-1 but the user name as UTF-8',
  },
  { server: 'libgsasl', mechanism: /^DIGEST-MD5$/, name: 'q"\\d', why: escapes },
  { server: 'libgsasl', mechanism: /^DIGEST-MD5$/, name: oddRole, why: escapes },
  {
    server: 'libgsasl',
    mechanism: /^CRAM-MD5$/,
    name: 'rawprep',
    why: 'it prepares the stored password, but RFC 2195 has no preparation',
  },
  { server: 'Kafka', mechanism: /^SCRAM-/, name: 'zoë', why: asciiOnly },
  { server: 'Kafka', mechanism: /^SCRAM-/, name: 'Ольга', why: asciiOnly },
  ...['Elytron', 'Kafka', 'Cyrus'].flatMap((server) => [
    {
      server,
      mechanism: /^SCRAM-/,
      name: 'rawprep',
      why: 'it stores the password without SASLprep (RFC 5802 §2.2)',
    },
    {
      server,
      mechanism: /^PLAIN$/,
      name: 'prep',
      why: 'it compares passwords without SASLprep (RFC 4616 §2)',
    },
  ]),
]

/** @param {Pair} pair @param {string} name @returns {Difference | undefined} */
export function difference({ server, opening }, name) {
  return differences.find(
    (row) => row.server === server && row.mechanism.test(opening.mechanism) && row.name === name,
  )
}
