import type { CredentialContext } from '@x/auth-core'
import type { SaslAuthOptions, SaslListOptions } from '../src/index.js'

/**
 * What compiles and what must not: a comment that expects an error is an error itself where there is none, and
 * `npm run typecheck` reads this file.
 */
const right: readonly SaslAuthOptions[] = [
  { mechanism: 'SCRAM-SHA-256', username: 'a', password: 'b' },
  { mechanism: 'SCRAM-SHA-512', username: 'a', password: () => 'b', minIterations: 10_000 },
  { mechanism: 'SCRAM-SHA-1', credentials: () => ({ username: 'a', password: 'b', expiresAt: new Date() }) },
  { mechanism: 'DIGEST-MD5', username: 'a', password: 'b', realm: 'r', host: ({ address }) => address },
  { mechanism: 'CRAM-MD5', username: async ({ address }: CredentialContext) => address, password: 'b' },
  { mechanism: 'PLAIN', username: 'a', password: 'b', authorizationId: 'c' },
  { mechanism: 'OAUTHBEARER', token: async () => 'abc', host: 'h', port: 9042, extensions: { a: 'b' } },
  { mechanism: 'EXTERNAL' },
  { mechanism: 'EXTERNAL', authorizationId: 'a' },
  { mechanism: 'ANONYMOUS', trace: 'a' },
  { mechanism: 'GSSAPI' },
  { mechanism: 'GSSAPI', host: { '10.0.0.1': 'a' }, principal: 'a', keytab: async () => 'b' },
  { mechanism: 'GSSAPI', host: async ({ address }) => address, credentials: () => ({ principal: 'a' }) },
  {
    mechanism: 'SCRAM-SHA-256',
    username: 'a',
    password: 'b',
    serverVerification: 'when-sent',
    deadlineMs: 5_000,
  },
]

const wrong: readonly SaslAuthOptions[] = [
  // @ts-expect-error there is no such mechanism
  { mechanism: 'SCRAM-SHA-384', username: 'a', password: 'b' },
  // @ts-expect-error a password is missing
  { mechanism: 'SCRAM-SHA-256', username: 'a' },
  // @ts-expect-error SCRAM has no realm
  { mechanism: 'SCRAM-SHA-256', username: 'a', password: 'b', realm: 'r' },
  // @ts-expect-error CRAM-MD5 cannot carry it
  { mechanism: 'CRAM-MD5', username: 'a', password: 'b', authorizationId: 'c' },
  // @ts-expect-error either fields or the whole
  { mechanism: 'PLAIN', username: 'a', password: 'b', credentials: { username: 'a', password: 'b' } },
  // @ts-expect-error OAUTHBEARER has a token
  { mechanism: 'OAUTHBEARER', username: 'a', password: 'b' },
  // @ts-expect-error no proof is expected where the server gives none
  { mechanism: 'PLAIN', username: 'a', password: 'b', serverVerification: 'required' },
  // @ts-expect-error Kerberos has tickets
  { mechanism: 'GSSAPI', username: 'a', password: 'b' },
  // @ts-expect-error a library of GSSAPI is more
  { mechanism: 'GSSAPI', kerberos: {} },
  // @ts-expect-error EXTERNAL has no password
  { mechanism: 'EXTERNAL', password: 'b' },
]

const rightLists: readonly SaslListOptions[] = [
  { mechanisms: [{ mechanism: 'GSSAPI' }, { mechanism: 'PLAIN', username: 'a', password: () => 'b' }] },
  {
    mechanisms: [
      {
        mechanism: 'SCRAM-SHA-256',
        credentials: () => ({ username: 'a', password: 'b' }),
        maxIterations: 10_000,
      },
      { mechanism: 'GSSAPI', service: 'dse', authorizationId: 'c' },
    ],
    deadlineMs: 5_000,
    serverVerification: 'when-sent',
  },
]

const wrongLists: readonly SaslListOptions[] = [
  // @ts-expect-error at least one
  { mechanisms: [] },
  // @ts-expect-error a password is missing
  { mechanisms: [{ mechanism: 'PLAIN', username: 'a' }] },
  // @ts-expect-error PLAIN has no realm
  { mechanisms: [{ mechanism: 'PLAIN', username: 'a', password: 'b', realm: 'r' }] },
  // @ts-expect-error one deadline for all
  { mechanisms: [{ mechanism: 'PLAIN', username: 'a', password: 'b', deadlineMs: 1 }] },
  // @ts-expect-error either one or a list
  { mechanism: 'PLAIN', mechanisms: [{ mechanism: 'EXTERNAL' }] },
]

test('the compiler has read the lists', () => {
  expect([right.length, wrong.length, rightLists.length, wrongLists.length]).toEqual([14, 10, 2, 5])
})
