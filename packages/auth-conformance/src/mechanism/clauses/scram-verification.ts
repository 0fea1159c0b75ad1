import type { ScramLie } from '@x/auth-testserver'
import { check } from '../../clause.js'
import type { LoginReport, MechanismBench } from '../bench.js'
import type { MechanismClause } from '../clause.js'
import { checkRefused, checkTold } from '../refusals.js'
import { notScram, playScram } from './scram.js'

const places = ['challenge', 'success'] as const

/** A login against a server that accepts any password and sends `final` instead of its proof. */
function pretend(
  bench: MechanismBench,
  final: ScramLie['final'],
  proofIn: (typeof places)[number],
): Promise<LoginReport> {
  return playScram(bench, { proofIn, lie: { ...(final && { final }), acceptsAnything: true } })
}

/** Checks that the client refuses each of these instead of the proof, at any place, and sends nothing more. */
async function refusesFinal(
  bench: MechanismBench,
  finals: readonly NonNullable<ScramLie['final']>[],
): Promise<void> {
  for (const proofIn of places) {
    for (const [index, final] of finals.entries()) {
      const lie = `server-final-message ${index + 1} of ${finals.length}, in a ${proofIn}`
      checkRefused(await pretend(bench, final, proofIn), 2, lie)
    }
  }
}

/** SCRAM: how the exchange ends, and that the server proves itself. */
export const scramVerificationClauses: readonly MechanismClause[] = [
  {
    id: 'MECH-43',
    level: 'must',
    source: 'RFC 5802 §7: server-error',
    title: 'refuses an error (e=) in a challenge instead of the signature, and reports it',
    notFor: notScram,
    run: (bench) => tellsError(bench, 'challenge'),
  },
  {
    id: 'MECH-44',
    level: 'must',
    source: 'RFC 5802 §7: server-error',
    title: 'refuses an error (e=) in the data of a success, and reports it',
    notFor: notScram,
    run: (bench) => tellsError(bench, 'success'),
  },
  {
    id: 'MECH-45',
    level: 'must',
    source: 'RFC 5802 §5: the proof of the server comes last',
    title: 'does not accept success instead of the first message, whatever data comes with it',
    notFor: notScram,
    async run(bench) {
      for (const data of [null, undefined, '', 'v=', `v=${'A'.repeat(43)}=`, 'r=x,s=QQ==,i=4096']) {
        const token = typeof data === 'string' ? Buffer.from(data) : data
        const exchange = { respond: () => ({ success: null, username: 'anybody' }) }
        const { end } = await bench.login({ exchange }, { success: () => token })
        check(end !== 'success', `a success with ${data ?? 'no data'} was accepted after the first message`)
      }
    },
  },
  {
    id: 'MECH-46',
    level: 'must',
    source: 'RFC 5802 §5',
    title: 'sends nothing if the server asks again after its signature',
    notFor: notScram,
    async run(bench) {
      const { end, tokens } = await playScram(bench, { lie: 'extra-step' })
      check(end !== 'success' && tokens.length <= 3, 'it answered one more challenge, x=1')
    },
  },
  {
    id: 'MECH-47',
    level: 'must',
    source: 'RFC 5802 §3, §5.1: v=',
    title: 'refuses a signature made without the key, even in the right form',
    notFor: notScram,
    run: (bench) =>
      refusesFinal(bench, [
        (honest) => `v=${Buffer.alloc(bytesOf(honest).length, 7).toString('base64')}`,
        (honest) => `v=${bytesOf(honest).reverse().toString('base64')}`,
      ]),
  },
  {
    id: 'MECH-48',
    level: 'must',
    source: 'RFC 5802 §7: verifier',
    title: 'refuses an empty signature, and a part of one',
    notFor: notScram,
    run: (bench) => refusesFinal(bench, [() => 'v=', () => 'v=====', (honest) => honest.slice(0, 6)]),
  },
  {
    id: 'MECH-49',
    level: 'must',
    source: 'RFC 5802 §7: server-final-message',
    title: 'refuses a last message without a signature, and none at all',
    notFor: notScram,
    run: (bench) => refusesFinal(bench, [() => null, () => '', () => 'x=1']),
  },
]

async function tellsError(bench: MechanismBench, place: (typeof places)[number]): Promise<void> {
  for (const word of ['other-error', 'invalid-proof']) {
    const report = await pretend(bench, () => `e=${word}`, place)
    checkRefused(report, 2, `e=${word} in a ${place}`)
    checkTold(report.error, word, `e=${word} in a ${place}`)
  }
}

/** The signature of an honest last message. */
function bytesOf(honest: string): Buffer {
  return Buffer.from(honest.slice('v='.length), 'base64')
}
