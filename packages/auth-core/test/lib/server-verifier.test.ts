import { findAuthError } from '../../src/index.js'
import { ServerVerifier } from '../../src/lib/login/server-proof.js'

const proof = Buffer.from('proof')

function outcomeOf(policy: 'required' | 'when-sent', received: Uint8Array | null | undefined) {
  const verifier = new ServerVerifier(policy)
  try {
    const issued = verifier.issued(verifier.verify(proof, received))
    return { issued, verified: verifier.verified }
  } catch (error) {
    const { code, details } = findAuthError(error) ?? {}
    return { code, details, verified: verifier.verified }
  }
}

const refused = (kind: string) => ({
  code: 'SERVER_NOT_VERIFIED',
  details: { proof: kind },
  verified: false,
})

test.each([
  ['required', 'right', Buffer.from('proof'), { issued: true, verified: true }],
  ['required', 'wrong', Buffer.from('prooF'), refused('wrong')],
  ['required', 'shorter', Buffer.from('proo'), refused('wrong')],
  ['required', 'longer', Buffer.from('proof!'), refused('wrong')],
  ['required', 'empty', Buffer.alloc(0), refused('wrong')],
  ['required', 'missing', null, refused('missing')],
  ['required', 'dropped', undefined, refused('dropped')],
  ['when-sent', 'right', Buffer.from('proof'), { issued: true, verified: true }],
  ['when-sent', 'wrong', Buffer.from('prooF'), refused('wrong')],
  ['when-sent', 'missing', null, refused('missing')],
  ['when-sent', 'dropped', undefined, { issued: true, verified: false }],
] as const)('%s, and the proof is %s', (policy, _, received, expected) => {
  expect(outcomeOf(policy, received)).toEqual(expected)
})

test('only a proof of this exchange is one, and nothing is none', () => {
  const [mine, other] = [new ServerVerifier('required'), new ServerVerifier('required')]
  expect([mine.verified, mine.issued(undefined), mine.issued({})]).toEqual([false, false, false])
  const issued = mine.vouch()
  expect([mine.verified, mine.issued(issued), mine.issued(undefined)]).toEqual([true, true, false])
  expect([other.issued(issued), mine.issued(other.vouch())]).toEqual([false, false])
  expect(mine.verify(proof, proof)).toBe(issued)
})
