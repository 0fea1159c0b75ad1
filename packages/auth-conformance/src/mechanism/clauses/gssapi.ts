import type { GssapiLieName, GssapiServerOptions } from '@x/auth-testserver'
import { check } from '../../clause.js'
import type { LoginReport, MechanismBench } from '../bench.js'
import type { MechanismClause } from '../clause.js'
import { checkLoggedIn, checkRefused, refusesRoles } from '../refusals.js'

function notGssapi({ mechanism, subject }: MechanismBench): string | undefined {
  if (mechanism.name !== 'GSSAPI') return 'it is not GSSAPI'
  return subject.gssapi ? undefined : 'it has no server side with chosen offers and lies'
}

/** A login against the subject's own GSSAPI server side, because only that has the keys. It may lie. */
function play(
  bench: MechanismBench,
  options: GssapiServerOptions,
  change: object = {},
): Promise<LoginReport> {
  const server = bench.subject.gssapi?.(options)
  check(server !== undefined, 'there is no server side')
  const credentials = { ...(bench.account.credentials as object), ...change }
  return bench.login({ credentials, exchange: bench.exchangeWith(server) })
}

/** Checks that the client sends at most `messages` messages, and ends with its own error. */
async function refuses(
  bench: MechanismBench,
  lies: readonly (GssapiLieName | Exclude<GssapiServerOptions['lie'], undefined>)[],
  messages: number,
): Promise<void> {
  for (const [index, lie] of lies.entries()) {
    const name = typeof lie === 'string' ? lie : `lie ${index + 1} of ${lies.length}`
    checkRefused(await play(bench, { lie }), messages, name)
  }
}

/** GSSAPI: the context with Kerberos 5, and the layers that the server offers. */
export const gssapiClauses: readonly MechanismClause[] = [
  {
    id: 'MECH-70',
    level: 'must',
    source: 'RFC 4752 §3.1: the client chooses among what is offered',
    title: 'refuses a server that requires a security layer',
    notFor: notGssapi,
    run: (bench) => refuses(bench, ['integrity-only', 'layers-only', 'no-layer-at-all'], 2),
  },
  {
    id: 'MECH-71',
    level: 'must',
    source: 'RFC 4752 §3.1: "if the resulting cleartext is not 4 octets long"',
    title: 'refuses an offer of fewer or more than four bytes, also an empty one',
    notFor: notGssapi,
    run: (bench) =>
      refuses(
        bench,
        [0, 1, 3, 5, 100].map((length) => ({ payload: Buffer.alloc(length, 1) })),
        2,
      ),
  },
  {
    id: 'MECH-72',
    level: 'must',
    source: 'RFC 4752 §3.2: GSS_Wrap with conf_flag FALSE',
    title: 'refuses an offer that is encrypted',
    notFor: notGssapi,
    run: (bench) => refuses(bench, ['offer-sealed'], 2),
  },
  {
    id: 'MECH-73',
    level: 'must',
    source: 'RFC 4121 §4.2.5: RRC',
    title: 'reads an offer whose bytes are rotated, by less or more than their number',
    notFor: notGssapi,
    async run(bench) {
      for (const rotation of [1, 12, 28, 65_535]) {
        checkLoggedIn(
          await play(bench, { rotation }),
          bench.account.username,
          `an offer rotated by ${rotation}`,
        )
      }
    },
  },
  {
    id: 'MECH-74',
    level: 'must',
    source: 'RFC 4752 §3.1: with no security layer the size is zero',
    title: 'chooses no layer and no largest message, also if the server names one',
    notFor: notGssapi,
    async run(bench) {
      const offer = Buffer.of(7, 1, 0, 0)
      checkLoggedIn(
        await play(bench, { offer }),
        bench.account.username,
        'an offer of all layers, up to 65536',
      )
    },
  },
  {
    id: 'MECH-75',
    level: 'must',
    source: 'RFC 4752 §3.1: the authorization identity is UTF-8',
    title: 'sends the authorization id unchanged, in UTF-8',
    notFor: (bench) => notGssapi(bench) ?? refusesRoles(bench),
    async run(bench) {
      const authorizationId = 'rôle 日本'
      const report = await play(bench, { mayActAs: () => true }, { authorizationId })
      checkLoggedIn(report, authorizationId, 'an authorization id beyond ASCII')
    },
  },
  {
    id: 'MECH-76',
    level: 'must',
    source: 'RFC 4752 §3.1: the offer is authenticated, a success is not',
    title:
      'does not accept success instead of the answer to its ticket or instead of the offer, whatever comes with it',
    notFor: notGssapi,
    async run(bench) {
      for (const lie of ['success-before-reply', 'success-before-offer'] as const) {
        const server = bench.subject.gssapi?.({ lie })
        check(server !== undefined, 'there is no server side')
        for (const data of [null, undefined, Buffer.alloc(0), Buffer.of(1, 0, 0, 0)]) {
          const { end } = await bench.login({ exchange: bench.exchangeWith(server) }, { success: () => data })
          check(end !== 'success', `${lie}, with ${data ? `${data.length} bytes` : 'no data'}: accepted`)
        }
      }
    },
  },
  {
    id: 'MECH-77',
    level: 'must',
    source: 'RFC 4121 §4.1, RFC 4120 §3.2.4: KRB_AP_REP',
    title: 'refuses an answer to its ticket that is not made with the key of the ticket, or is missing',
    notFor: notGssapi,
    run: (bench) =>
      refuses(bench, ['reply-flipped', 'reply-empty', 'reply-missing', 'reply-garbage', 'impostor'], 1),
  },
  {
    id: 'MECH-78',
    level: 'must',
    source: 'RFC 4752 §3.1',
    title: 'sends nothing if the server asks again after its choice',
    notFor: notGssapi,
    async run(bench) {
      const { end, tokens } = await play(bench, { lie: 'extra-step' })
      check(end !== 'success' && tokens.length <= 3, 'it answered one more challenge, an empty one')
    },
  },
]
