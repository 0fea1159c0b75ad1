import {
  authError,
  type ClientStep,
  type Conversation,
  type ExchangeContext,
  finish,
  type ServerProof,
  type ServerToken,
} from '@x/auth-core/base'
import {
  type Directives,
  digestMd5Mutant,
  digestMd5Subject,
  one,
  ReferenceDigestMd5,
} from './digest-md5-reference.js'
import type { Mutant } from './mutant.js'

const challengeMutants: readonly Mutant[] = [
  digestMd5Mutant(
    'MECH-50',
    'takes the first of two nonces',
    class extends ReferenceDigestMd5 {
      override nonce(challenge: Directives): string {
        return challenge.get('nonce')?.[0] ?? super.nonce(challenge)
      }
    },
  ),
  digestMd5Mutant(
    'MECH-51',
    'sees auth in auth-conf',
    class extends ReferenceDigestMd5 {
      override acceptsQop(qop: string): boolean {
        return qop.includes('auth')
      }
    },
  ),
  digestMd5Mutant(
    'MECH-52',
    'knows only one algorithm, and does not ask for it',
    class extends ReferenceDigestMd5 {
      override checkAlgorithm(): void {}
    },
  ),
  digestMd5Mutant(
    'MECH-53',
    'refuses directives that it does not know',
    class extends ReferenceDigestMd5 {
      override checkChallenge(challenge: Directives): void {
        const known = ['realm', 'nonce', 'qop', 'algorithm', 'charset']
        if ([...challenge.keys()].some((name) => !known.includes(name))) throw authError('CHALLENGE_INVALID')
        super.checkChallenge(challenge)
      }
    },
  ),
  digestMd5Mutant(
    'MECH-54',
    'writes a backslash before the first quotation mark of a user name',
    class extends ReferenceDigestMd5 {
      override quote(username: string): string {
        return username.replace('"', '\\"')
      }
    },
  ),
  digestMd5Mutant(
    'MECH-55',
    'leaves the authorization id out of its digest',
    class extends ReferenceDigestMd5 {
      override roleInDigest(): string {
        return ''
      }
    },
  ),
]

const verificationMutants: readonly Mutant[] = [
  digestMd5Mutant(
    'MECH-56',
    'lets any rspauth come before the exchange has begun',
    class extends ReferenceDigestMd5 {
      override first(context: ExchangeContext): ClientStep<ServerProof> {
        return finish(Buffer.alloc(0), (data) => {
          if (!data?.length) throw authError('UNEXPECTED_SUCCESS')
          return context.verifyServer(data, data)
        })
      }
    },
  ),
  digestMd5Mutant(
    'MECH-57',
    'takes its own response for that of the server',
    class extends ReferenceDigestMd5 {
      override responseAuth(answer: Directives, expected: Uint8Array, response: string): Uint8Array {
        const given = super.responseAuth(answer, expected, response)
        return Buffer.from(response).equals(given) ? expected : given
      }
    },
  ),
  digestMd5Mutant(
    'MECH-58',
    'looks at a rspauth if there is one',
    class extends ReferenceDigestMd5 {
      override responseAuth(answer: Directives, expected: Uint8Array, response: string): Uint8Array {
        return one(answer, 'rspauth') ? super.responseAuth(answer, expected, response) : expected
      }
    },
  ),
  digestMd5Mutant(
    'MECH-59',
    'answers whatever looks like a directive',
    class extends ReferenceDigestMd5 {
      override async *afterwards(more: ServerToken, proof: ServerProof): Conversation<ServerProof> {
        if (/^[a-z]+=/.test(Buffer.from(more ?? []).toString())) yield finish(Buffer.alloc(0), () => proof)
      }
    },
  ),
]

export const digestMd5Mutants: readonly Mutant[] = [...challengeMutants, ...verificationMutants]

export const digestMd5References = [digestMd5Subject('the reference of DIGEST-MD5', new ReferenceDigestMd5())]
