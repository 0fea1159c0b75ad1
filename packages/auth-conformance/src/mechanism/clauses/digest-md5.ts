import {
  type DigestMd5Lie,
  type DigestMd5ServerOptions,
  digestMd5Server,
  saslAuthenticator,
} from '@x/auth-testserver'
import { check } from '../../clause.js'
import type { LoginReport, MechanismBench } from '../bench.js'
import type { MechanismClause } from '../clause.js'
import {
  checkLoggedIn,
  checkRefused,
  refusesRoles,
  type UserAndPassword,
  userAndPassword,
} from '../refusals.js'

type Change = Partial<UserAndPassword> & { readonly authorizationId?: string }

function notDigestMd5({ mechanism, account }: MechanismBench): string | undefined {
  if (mechanism.name !== 'DIGEST-MD5') return 'it is not DIGEST-MD5'
  return userAndPassword(account.credentials) ? undefined : 'its credentials are not a user name and password'
}

/** A login against the suite's own DIGEST-MD5 server side, which may lie. */
function play(
  bench: MechanismBench,
  options: Partial<DigestMd5ServerOptions>,
  change: Change = {},
): Promise<LoginReport> {
  const credentials = { ...(userAndPassword(bench.account.credentials) as UserAndPassword), ...change }
  const server = digestMd5Server({ users: { [credentials.username]: credentials.password }, ...options })
  return bench.login({ credentials, exchange: bench.exchangeWith(saslAuthenticator(server)) })
}

async function refusesChallenge(
  bench: MechanismBench,
  lies: readonly NonNullable<DigestMd5Lie['challenge']>[],
): Promise<void> {
  for (const [index, challenge] of lies.entries()) {
    const report = await play(bench, { lie: { challenge, acceptsAnything: true } })
    checkRefused(report, 1, `digest-challenge ${index + 1} of ${lies.length}`)
  }
}

/** Checks that the client refuses each of these instead of the proof, at any place, and sends nothing more. */
async function refusesFinal(
  bench: MechanismBench,
  finals: readonly NonNullable<DigestMd5Lie['final']>[],
): Promise<void> {
  for (const proofIn of ['challenge', 'success'] as const) {
    for (const [index, final] of finals.entries()) {
      const report = await play(bench, { proofIn, lie: { final, acceptsAnything: true } })
      checkRefused(report, 2, `response-auth ${index + 1} of ${finals.length}, in a ${proofIn}`)
    }
  }
}

/** Characters that a quoted string must escape, each more than once. */
const awkward = '"a" \\b\\ ,c="d"'

/** DIGEST-MD5: the challenge, and that the server proves itself. */
export const digestMd5Clauses: readonly MechanismClause[] = [
  {
    id: 'MECH-50',
    level: 'must',
    source: 'RFC 2831 §2.1.1: nonce',
    title: 'refuses a challenge with two nonces, or with none',
    notFor: notDigestMd5,
    run: (bench) =>
      refusesChallenge(bench, [
        (honest) => `${honest},nonce="x"`,
        (honest) => `nonce="x",${honest}`,
        (honest) => honest.replace(/nonce="[^"]*",/, ''),
      ]),
  },
  {
    id: 'MECH-51',
    level: 'must',
    source: 'RFC 2831 §2.1.1: qop-options',
    title: 'refuses a server that does not offer the quality of protection auth',
    notFor: notDigestMd5,
    run: (bench) =>
      refusesChallenge(
        bench,
        ['auth-conf', 'auth-int', 'auth-int,auth-conf', 'authentic'].map(
          (qop) => (honest: string) => honest.replace(/qop="[^"]*"/, `qop="${qop}"`),
        ),
      ),
  },
  {
    id: 'MECH-52',
    level: 'must',
    source: 'RFC 2831 §2.1.1: algorithm, charset',
    title:
      'refuses a challenge whose algorithm is missing, twice there or another, or whose charset is twice there',
    notFor: notDigestMd5,
    run: (bench) =>
      refusesChallenge(bench, [
        (honest) => honest.replace(/,algorithm=md5-sess/, ''),
        (honest) => `${honest},algorithm=md5-sess`,
        (honest) => honest.replace('md5-sess', 'md5'),
        (honest) => `${honest},charset=utf-8`,
      ]),
  },
  {
    id: 'MECH-53',
    level: 'must',
    source: 'RFC 2831 §2.1.1: auth-param',
    title: 'ignores directives that it does not know, and white space between them',
    notFor: notDigestMd5,
    async run(bench) {
      const challenge = (honest: string) => `x-first="a,\\"b",${honest} ,\t x-last=1`
      checkLoggedIn(await play(bench, { lie: { challenge } }), bench.account.username, 'unknown directives')
    },
  },
  {
    id: 'MECH-54',
    level: 'must',
    source: 'RFC 2831 §7.2: quoted-string',
    title: 'writes every " and \\ of a user name so that the server reads the same name',
    notFor: notDigestMd5,
    async run(bench) {
      const username = `${bench.account.username}${awkward}`
      checkLoggedIn(await play(bench, {}, { username }), username, 'a user name with " and \\')
    },
  },
  {
    id: 'MECH-55',
    level: 'must',
    source: 'RFC 2831 §2.1.2: authzid; §2.1.2.1: A1',
    title: 'sends the authorization id in the same way, and includes it in its digest',
    notFor: (bench) => notDigestMd5(bench) ?? refusesRoles(bench),
    async run(bench) {
      const authorizationId = `role${awkward}`
      const report = await play(bench, { mayActAs: () => true }, { authorizationId })
      checkLoggedIn(report, authorizationId, 'an authorization id with " and \\')
    },
  },
  {
    id: 'MECH-56',
    level: 'must',
    source: 'RFC 2831 §2.1.3: the proof of the server comes last',
    title: 'does not accept success instead of the challenge, nor a response-auth',
    notFor: notDigestMd5,
    async run(bench) {
      for (const data of [null, undefined, '', 'rspauth=', `rspauth=${'0'.repeat(32)}`]) {
        const token = typeof data === 'string' ? Buffer.from(data) : data
        const exchange = { respond: () => ({ success: null, username: 'anybody' }) }
        const { end } = await bench.login({ exchange }, { success: () => token })
        check(end !== 'success', `a success with ${data ?? 'no data'} was accepted after the first message`)
      }
      checkRefused(await play(bench, { lie: 'rspauth-first' }), 1, 'rspauth instead of the challenge')
    },
  },
  {
    id: 'MECH-57',
    level: 'must',
    source: 'RFC 2831 §2.1.3: response-auth',
    title: 'refuses a rspauth made without the password, also its own response sent back',
    notFor: notDigestMd5,
    async run(bench) {
      await refusesFinal(bench, [() => `rspauth=${'0'.repeat(32)}`, (honest) => honest.slice(0, -2)])
      await refusesEcho(bench)
    },
  },
  {
    id: 'MECH-58',
    level: 'must',
    source: 'RFC 2831 §2.1.3: response-auth',
    title: 'refuses an empty rspauth, and a last message without one',
    notFor: notDigestMd5,
    run: (bench) => refusesFinal(bench, [() => 'rspauth=""', () => null, () => '', () => 'stale=true']),
  },
  {
    id: 'MECH-59',
    level: 'must',
    source: 'RFC 2831 §2.1.3',
    title: 'sends nothing if the server asks again after its rspauth',
    notFor: notDigestMd5,
    async run(bench) {
      const { end, tokens } = await play(bench, { lie: 'extra-step' })
      check(end !== 'success' && tokens.length <= 3, 'it answered one more challenge, stale=true')
    },
  },
]

/** A server that knows only what the client has just sent. */
async function refusesEcho(bench: MechanismBench): Promise<void> {
  const server = digestMd5Server({ users: {}, lie: { acceptsAnything: true } })
  const inner = bench.exchangeWith(saslAuthenticator(server))
  let response = ''
  const exchange = {
    respond(token: Uint8Array | null) {
      response ||= /response=([0-9a-f]{32})/.exec(Buffer.from(token ?? []).toString('latin1'))?.[1] ?? ''
      return inner.respond(token)
    },
  }
  const challenge = (token: Uint8Array | null) => (response ? Buffer.from(`rspauth=${response}`) : token)
  checkRefused(await bench.login({ exchange }, { challenge }), 2, 'its own response as rspauth')
}
