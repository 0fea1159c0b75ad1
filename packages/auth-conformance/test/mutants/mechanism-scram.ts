import {
  authError,
  type ClientStep,
  type Conversation,
  type ExchangeContext,
  finish,
  type ServerProof,
  type ServerToken,
} from '@x/auth-core/base'
import type { Mutant } from './mutant.js'
import { type Place, ReferenceScram, scramMutant, scramSubject } from './scram-reference.js'

const firstMessageMutants: readonly Mutant[] = [
  scramMutant(
    'MECH-30',
    'asks only that the nonce begins with its own',
    class extends ReferenceScram {
      override continues(nonce: string, ownNonce: string): boolean {
        return nonce.startsWith(ownNonce)
      }
    },
  ),
  scramMutant(
    'MECH-31',
    'compares as many characters as the server sent',
    class extends ReferenceScram {
      override continues(nonce: string, ownNonce: string): boolean {
        return super.continues(nonce, ownNonce) || (nonce !== ownNonce && ownNonce.startsWith(nonce))
      }
    },
  ),
  scramMutant(
    'MECH-32',
    'asks only that the nonce is longer than its own',
    class extends ReferenceScram {
      override continues(nonce: string, ownNonce: string): boolean {
        return nonce.length > ownNonce.length
      }
    },
  ),
  scramMutant(
    'MECH-33',
    'reads as much of the iteration count as is a number',
    class extends ReferenceScram {
      override parseIterations(text: string): number {
        return Number.parseInt(text, 10)
      }
      override acceptable(iterations: number): boolean {
        return !(iterations < this.floor || iterations > this.ceiling)
      }
    },
  ),
  scramMutant(
    'MECH-34',
    'takes any iteration count from 1',
    class extends ReferenceScram {
      override readonly floor = 1
    },
  ),
  scramMutant(
    'MECH-35',
    'computes as long as PBKDF2 can count',
    class extends ReferenceScram {
      override readonly ceiling = 2 ** 31 - 1
    },
  ),
  scramMutant(
    'MECH-36',
    'keeps the iteration count in 32 bits',
    class extends ReferenceScram {
      override parseIterations(text: string): number {
        return super.parseIterations(text) % 2 ** 32
      }
    },
  ),
  scramMutant(
    'MECH-37',
    'writes the first = and the first , of a user name in the way of SCRAM',
    class extends ReferenceScram {
      override escapeName(text: string): string {
        return text.replace('=', '=3D').replace(',', '=2C')
      }
    },
  ),
  scramMutant(
    'MECH-38',
    'writes an authorization id without escapes',
    class extends ReferenceScram {
      override escapeRole(text: string): string {
        return text
      }
    },
  ),
  scramMutant(
    'MECH-39',
    'takes a second iteration count for an extension',
    class extends ReferenceScram {
      override tolerates(): boolean {
        return true
      }
    },
  ),
  scramMutant(
    'MECH-40',
    'refuses what it does not know',
    class extends ReferenceScram {
      override tolerates(extensions: readonly string[]): boolean {
        return extensions.length === 0
      }
    },
  ),
  scramMutant(
    'MECH-41',
    'reads past an extension that it should understand',
    class extends ReferenceScram {
      override attributes(text: string): string[] {
        return super.attributes(text.replace(/^m=[^,]*,/, ''))
      }
    },
  ),
  scramMutant(
    'MECH-42',
    'says of an error instead of the first message only that it is no such message',
    class extends ReferenceScram {
      override readFirst(text: string, ownNonce: string) {
        if (text.startsWith('e=')) throw authError('CHALLENGE_INVALID')
        return super.readFirst(text, ownNonce)
      }
    },
  ),
]

const verificationMutants: readonly Mutant[] = [
  scramMutant(
    'MECH-29',
    'does not hear what the server says behind its signature',
    class extends ReferenceScram {
      override ending(proof: ServerProof) {
        return () => proof
      }
    },
  ),
  believes('MECH-43', 'takes an error in a challenge for the end', (text, place) => {
    return place === 'challenge' && text.startsWith('e=')
  }),
  believes('MECH-44', 'takes the data of a success on trust when they are an error', (text, place) => {
    return place === 'success' && text.startsWith('e=')
  }),
  scramMutant(
    'MECH-45',
    'lets any signature come before the exchange has begun',
    class extends ReferenceScram {
      override first(token: Uint8Array, context: ExchangeContext): ClientStep<ServerProof> {
        return finish(token, (data) => {
          if (!data?.length) throw authError('UNEXPECTED_SUCCESS')
          return context.verifyServer(data, data)
        })
      }
    },
  ),
  scramMutant(
    'MECH-46',
    'answers whatever looks like an attribute',
    class extends ReferenceScram {
      override async *afterwards(more: ServerToken, proof: ServerProof): Conversation<ServerProof> {
        if (/^[a-z]=/.test(Buffer.from(more ?? []).toString())) yield finish(Buffer.alloc(0), () => proof)
      }
    },
  ),
  believes('MECH-47', 'looks only at the form of a signature', (text) => {
    return /^v=[A-Za-z0-9+/]{43}=$/.test(text)
  }),
  believes('MECH-48', 'compares as many bytes as the server sent', (text) => text === 'v='),
  believes('MECH-49', 'looks at a signature if there is one', (text) => !/^[ev]=/.test(text)),
]

/** A mutant that accepts the server's text as the expected signature. */
function believes(breaks: string, flaw: string, where: (text: string, place: Place) => boolean): Mutant {
  return scramMutant(
    breaks,
    flaw,
    class extends ReferenceScram {
      override signature(text: string, expected: Uint8Array, place: Place): Uint8Array {
        return where(text, place) ? expected : super.signature(text, expected, place)
      }
    },
  )
}

export const scramMutants: readonly Mutant[] = [...firstMessageMutants, ...verificationMutants]

export const scramReferences = [scramSubject('the reference of SCRAM', new ReferenceScram())]
