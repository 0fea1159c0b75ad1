import { type ScramLie, type ScramServerOptions, saslAuthenticator, scramServer } from '@x/auth-testserver'
import type { LoginReport, MechanismBench } from '../bench.js'
import type { MechanismClause } from '../clause.js'
import {
  checkLoggedIn,
  checkRefused,
  checkTold,
  refusesRoles,
  type UserAndPassword,
  userAndPassword,
} from '../refusals.js'

/** The names of SCRAM for which the suite has a server side. */
const names = [
  'SCRAM-SHA-1',
  'SCRAM-SHA-256',
  'SCRAM-SHA-512',
  'SCRAM-SHA-1-PLUS',
  'SCRAM-SHA-256-PLUS',
  'SCRAM-SHA-512-PLUS',
] as const

type ScramName = (typeof names)[number]

export function notScram({ mechanism, account }: MechanismBench): string | undefined {
  if (!names.includes(mechanism.name as ScramName)) return `it is none of ${names.join(', ')}`
  return userAndPassword(account.credentials) ? undefined : 'its credentials are not a user name and password'
}

/** A login against the suite's own SCRAM server side, which may lie. */
export function playScram(
  bench: MechanismBench,
  options: Partial<ScramServerOptions>,
  change: Partial<UserAndPassword> & { readonly authorizationId?: string } = {},
): Promise<LoginReport> {
  const credentials = { ...(userAndPassword(bench.account.credentials) as UserAndPassword), ...change }
  const server = scramServer({
    mechanism: bench.mechanism.name as ScramName,
    users: { [credentials.username]: credentials.password },
    ...options,
  })
  return bench.login({ credentials, exchange: bench.exchangeWith(saslAuthenticator(server)) })
}

/** Checks that each of these first messages ends the exchange before a proof is sent. */
async function refusesFirst(bench: MechanismBench, lies: readonly ScramLie['first'][]): Promise<void> {
  for (const [index, first] of lies.entries()) {
    const lie: ScramLie = { ...(first && { first }), acceptsAnything: true }
    checkRefused(await playScram(bench, { lie }), 1, `server-first-message ${index + 1} of ${lies.length}`)
  }
}

const withNonce = (nonce: (client: string, server: string) => string): ScramLie['first'] => {
  return ({ clientNonce, serverNonce, salt, iterations }) =>
    `r=${nonce(clientNonce, serverNonce)},s=${salt},i=${iterations}`
}

const withIterations = (iterations: string): ScramLie['first'] => {
  return ({ clientNonce, serverNonce, salt }) => `r=${clientNonce}${serverNonce},s=${salt},i=${iterations}`
}

/** A name with characters that SCRAM must escape, each more than once, because it is not enough to replace the first. */
const awkward = 'a,b=c,d=e=2C,=3D'

/** SCRAM: what the client accepts from the server before it sends its proof. */
export const scramClauses: readonly MechanismClause[] = [
  {
    id: 'MECH-30',
    level: 'must',
    source: 'RFC 5802 §5.1',
    title: 'refuses a nonce to which the server has added nothing',
    notFor: notScram,
    run: (bench) => refusesFirst(bench, [withNonce((client) => client)]),
  },
  {
    id: 'MECH-31',
    level: 'must',
    source: 'RFC 5802 §5.1',
    title: 'refuses a nonce that is a part of its own, or empty',
    notFor: notScram,
    run: (bench) => refusesFirst(bench, [withNonce((client) => client.slice(0, -1)), withNonce(() => '')]),
  },
  {
    id: 'MECH-32',
    level: 'must',
    source: 'RFC 5802 §5.1',
    title: 'refuses a nonce that does not begin with its own',
    notFor: notScram,
    run: (bench) =>
      refusesFirst(bench, [
        withNonce((client, server) => 'x'.repeat(client.length) + server),
        withNonce((client, server) => server + client),
        withNonce((client, server) => `x${client.slice(1)}${server}`),
      ]),
  },
  {
    id: 'MECH-33',
    level: 'must',
    source: 'RFC 5802 §7: posit-number',
    title: 'refuses an iteration count that is not a positive whole number (NaN, sign, fraction, nothing)',
    notFor: notScram,
    run: (bench) =>
      refusesFirst(bench, ['NaN', '', '-4096', '4096.5', '4096x', '0x1000', '1e4'].map(withIterations)),
  },
  {
    id: 'MECH-34',
    level: 'must',
    source: 'RFC 7677 §4; RFC 5802 §5.1',
    title: 'refuses an iteration count below 4096',
    notFor: notScram,
    run: (bench) => refusesFirst(bench, ['4095', '1', '0'].map(withIterations)),
  },
  {
    id: 'MECH-35',
    level: 'must',
    source: 'RFC 5802 §9: a hostile server can make clients compute',
    title: 'refuses an iteration count of millions',
    notFor: notScram,
    run: (bench) => refusesFirst(bench, [withIterations('3000000')]),
  },
  {
    id: 'MECH-36',
    level: 'must',
    source: 'RFC 5802 §7: posit-number has no upper end',
    title:
      'refuses an iteration count that is too large for a number, or that wraps around (2^53 and beyond)',
    notFor: notScram,
    run: (bench) =>
      refusesFirst(
        bench,
        [2n ** 53n, 2n ** 53n + 4_096n, 2n ** 32n + 4_096n, 2n ** 64n + 4_096n, 10n ** 400n].map((count) =>
          withIterations(`${count}`),
        ),
      ),
  },
  {
    id: 'MECH-37',
    level: 'must',
    source: 'RFC 5802 §5.1: saslname',
    title: 'writes every = and , of a user name as =3D and =2C, the second ones too',
    notFor: notScram,
    async run(bench) {
      const username = `${bench.account.username},${awkward}`
      checkLoggedIn(await playScram(bench, {}, { username }), username, 'a user name with = and ,')
    },
  },
  {
    id: 'MECH-38',
    level: 'must',
    source: 'RFC 5802 §5.1, RFC 5801 §4',
    title: 'does the same in an authorization id, and repeats the whole header in c=',
    notFor: (bench) => notScram(bench) ?? refusesRoles(bench),
    async run(bench) {
      const authorizationId = `role,${awkward}`
      const report = await playScram(bench, { mayActAs: () => true }, { authorizationId })
      checkLoggedIn(report, authorizationId, 'an authorization id with = and ,')
    },
  },
  {
    id: 'MECH-39',
    level: 'must',
    source: 'RFC 5802 §7: server-first-message',
    title: 'refuses a first message in which an attribute stands twice, in another order or is missing',
    notFor: notScram,
    run: (bench) =>
      refusesFirst(bench, [
        ({ clientNonce, serverNonce, salt }) => `r=${clientNonce}${serverNonce},s=${salt},i=4096,i=5000`,
        ({ clientNonce, serverNonce, salt }) => `r=${clientNonce}${serverNonce},s=${salt},i=4096,s=AAAA`,
        ({ clientNonce, serverNonce, salt }) =>
          `r=${clientNonce}${serverNonce},r=${clientNonce}${serverNonce},s=${salt},i=4096`,
        ({ clientNonce, serverNonce, salt }) => `s=${salt},r=${clientNonce}${serverNonce},i=4096`,
        ({ clientNonce, serverNonce }) => `r=${clientNonce}${serverNonce},i=4096`,
      ]),
  },
  {
    id: 'MECH-40',
    level: 'must',
    source: 'RFC 5802 §5.1: unknown optional extensions are ignored',
    title: 'ignores attributes that it does not know, in both messages of the server',
    notFor: notScram,
    async run(bench) {
      const report = await playScram(bench, {
        extensions: 'x=1,y=a=b',
        lie: { final: (honest) => `${honest},x=1` },
      })
      checkLoggedIn(report, bench.account.username, 'a server that knows an extension')
    },
  },
  {
    id: 'MECH-41',
    level: 'must',
    source: 'RFC 5802 §5.1: m=',
    title: 'refuses an extension that it would have to understand (m=)',
    notFor: notScram,
    async run(bench) {
      checkRefused(await playScram(bench, { lie: 'mandatory-extension' }), 1, 'm= before the first message')
    },
  },
  {
    id: 'MECH-42',
    level: 'must',
    source: 'RFC 5802 §7: server-error',
    title: 'reports the error (e=) that the server sends instead of its first message',
    notFor: notScram,
    async run(bench) {
      const report = await playScram(bench, { lie: { first: () => 'e=no-resources' } })
      checkRefused(report, 1, 'e= instead of the first message')
      checkTold(report.error, 'no-resources', 'e= instead of the first message')
    },
  },
]
