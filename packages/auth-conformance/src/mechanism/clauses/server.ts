import { isAuthError } from '@x/auth-core'
import type { Conversation, ServerToken } from '@x/auth-core/base'
import { check } from '../../clause.js'
import { checkSecret } from '../../lib/secrets.js'
import { describeValue, within } from '../../lib/time/waiting.js'
import type { MechanismBench } from '../bench.js'
import { type MechanismClause, needsMutual } from '../clause.js'

const garbage: readonly ServerToken[] = [
  null,
  new Uint8Array(0),
  Buffer.alloc(64, 0xff),
  Buffer.alloc(64),
  Buffer.alloc(100_000, ',='),
  Buffer.from('{"a":'),
]

/** A server that does not follow the mechanism, does not know the secret, or goes away. */
export const serverClauses: readonly MechanismClause[] = [
  {
    id: 'MECH-20',
    level: 'must',
    source: 'RFC 4422 §3.6',
    title: 'does not accept success instead of a challenge that it still needs',
    async run(bench) {
      const conversation = bench.converse()
      const exchange = bench.exchange()
      let message: ServerToken = null
      for (let round = 1; round <= 10; round++) {
        const { value: step } = await bench.next(conversation, message)
        const reply = step && (await exchange.respond(step.token ?? null))
        if (!reply || !('challenge' in reply)) return
        const accepted =
          step.onSuccess !== undefined && [null, undefined].some((token) => accepts(step, token))
        check(!accepted, `a success after message ${round} would be accepted`)
        message = reply.challenge
      }
    },
  },
  {
    id: 'MECH-21',
    level: 'must',
    source: 'RFC 4422 §3.5',
    title: 'sends nothing after its last message, even if the server sends another challenge',
    async run(bench) {
      const conversation = await upToVerdict(bench)
      const answer = await settled(bench.next(conversation, Buffer.from('and another thing')))
      check('error' in answer || answer.done === true, 'it answered a challenge after its last message')
    },
  },
  {
    id: 'MECH-22',
    level: 'must',
    source: 'RFC 4422 §3.5',
    title: 'handles any bytes in a challenge with a typed error, an end or an answer',
    async run(bench) {
      for (const challenge of garbage) {
        const { end, error } = await bench.login({}, { challenge: () => challenge })
        check(
          end !== 'failed' || isAuthError(error),
          `threw ${describeValue(error)} at ${challenge?.length ?? 'no'} bytes`,
        )
      }
    },
  },
  {
    id: 'MECH-23',
    level: 'must',
    source: "the mechanism's specification",
    title: 'does not succeed when the proof of the server is wrong',
    notFor: needsMutual,
    async run(bench) {
      const { replies } = await bench.login()
      const inSuccess = Boolean(replies.map((reply) => 'success' in reply && reply.success?.length).at(-1))
      const challenges = replies.filter((reply) => 'challenge' in reply).length
      const tampered = await bench.login(
        {},
        inSuccess
          ? { success: (token) => token && flipped(token) }
          : { challenge: (token, round) => (token && round === challenges ? flipped(token) : token) },
      )
      check(tampered.end !== 'success', 'a proof with one bit changed was accepted')
    },
  },
  {
    id: 'MECH-24',
    level: 'must',
    source: "the mechanism's specification",
    title: 'does not succeed when the server sends no proof, or an empty one',
    notFor: needsMutual,
    async run(bench) {
      for (const missing of [null, undefined, new Uint8Array(0)]) {
        const { end, replies } = await bench.login({}, { success: () => missing })
        const last = replies.at(-1)
        // If the proof comes in a challenge, success carries nothing that could be missing.
        if (last && 'success' in last && !last.success?.length) return
        check(
          end !== 'success',
          `a success with ${missing === undefined ? 'its token dropped' : 'no proof'} was accepted`,
        )
      }
    },
  },
  {
    id: 'MECH-25',
    level: 'must',
    source: 'this suite; CWE-209',
    title: 'shows no secret in an error',
    async run(bench) {
      const credentials = bench.account.credentials as Record<string, unknown>
      const errors: unknown[] = []
      for (const field of Object.keys(credentials)) {
        errors.push((await bench.login({ credentials: { ...credentials, [field]: 42 } })).error)
      }
      for (const challenge of garbage)
        errors.push((await bench.login({}, { challenge: () => challenge })).error)
      for (const error of errors) checkSecret(error, bench.account.secrets, 'an error')
    },
  },
  {
    id: 'MECH-26',
    level: 'must',
    source: '@x/auth-core: ServerToken',
    title: "does not change the bytes of the server's message",
    async run(bench) {
      const challenges: { readonly given: Uint8Array; readonly kept: Buffer }[] = []
      await bench.login(
        {},
        {
          challenge(given) {
            if (given) challenges.push({ given, kept: Buffer.from(given) })
            return given
          },
        },
      )
      const same = challenges.every(({ given, kept }) => kept.equals(given))
      check(same, 'the challenge has other bytes after the mechanism has read it')
    },
  },
  {
    id: 'MECH-27',
    level: 'must',
    source: '@x/auth-core: ExchangeContext.signal',
    title: 'settles when its signal is aborted',
    async run(bench) {
      const { signal } = abortedController()
      const conversation = bench.converse(bench.context({ signal }))
      await within(2_000, 'a step did not settle although its signal is aborted', () =>
        settled(conversation.next(null)),
      )
    },
  },
  {
    id: 'MECH-28',
    level: 'must',
    source: '@x/auth-core: an exchange that is over returns its generator',
    title: 'can be ended in the middle',
    async run(bench) {
      const conversation = bench.converse()
      await bench.next(conversation, null)
      const { done } = await within(2_000, 'return() did not settle', () => conversation.return(undefined))
      check(done === true, 'it goes on after return()')
    },
  },
  {
    id: 'MECH-29',
    level: 'must',
    source: "RFC 4422 §5 (3a): the mechanism's specification says whether a success carries data",
    title: 'refuses data with a success, if its server sends none',
    notFor: ({ mechanism: { mutual, name } }) =>
      mutual || name === 'OAUTHBEARER' ? undefined : 'nothing that its server could add has a meaning',
    async run(bench) {
      const { replies } = await bench.login()
      const last = replies.at(-1)
      // Another clause checks the login. If the proof comes with the success, MECH-23 and similar clauses check the
      // data.
      if (!last || !('success' in last) || last.success?.length) return
      const challenges = replies.map((reply) => 'challenge' in reply && reply.challenge).filter(Boolean)
      const said = ['x', '\0', 'e=other-error', 'rspauth=', '{"status":"invalid_token"}']
      for (const data of [
        ...said.map((text) => Buffer.from(text)),
        flipped(challenges.at(-1) || Buffer.of(1)),
      ]) {
        const { end } = await bench.login({}, { success: () => data })
        check(end !== 'success', `a success with ${JSON.stringify(data.toString('latin1'))} was accepted`)
      }
    },
  },
]

function abortedController(): AbortController {
  const controller = new AbortController()
  controller.abort(new Error('the exchange is over'))
  return controller
}

function accepts(
  step: { readonly onSuccess?: ((token: null | undefined) => unknown) | undefined },
  token: null | undefined,
): boolean {
  try {
    step.onSuccess?.(token)
    return true
  } catch {
    return false
  }
}

/** The conversation of a login whose server has just answered success, before the mechanism gets that answer. */
async function upToVerdict(bench: MechanismBench): Promise<Conversation> {
  const conversation = bench.converse()
  const exchange = bench.exchange()
  let message: ServerToken = null
  for (let round = 1; round <= 20; round++) {
    const { value: step } = await bench.next(conversation, message)
    const reply = step && (await exchange.respond(step.token ?? null))
    if (!reply || !('challenge' in reply)) break
    message = reply.challenge
  }
  return conversation
}

async function settled<T extends object>(
  work: Promise<T>,
): Promise<T | { readonly error: unknown; readonly done?: undefined }> {
  try {
    return await work
  } catch (error) {
    return { error }
  }
}

function flipped(token: Uint8Array): Buffer {
  const copy = Buffer.from(token)
  const last = copy.length - 1
  // A letter stays a letter and a digit stays a digit, so that the message can still be parsed.
  if (last >= 0) copy[last] = (copy[last] ?? 0) ^ 1
  return copy
}
