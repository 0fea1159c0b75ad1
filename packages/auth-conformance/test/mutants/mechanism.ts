import { randomBytes } from 'node:crypto'
import { AuthError, isAuthError } from '@x/auth-core'
import { type ExchangeContext, errorTable, finish, type SuccessToken, send } from '@x/auth-core/base'
import type { Mutant } from './mutant.js'
import {
  knownLogins,
  mechanismMutant,
  plainSubject,
  ReferenceMechanism,
  referenceMechanismSubject,
} from './reference-mechanism.js'
import type { Password } from './reference-provider.js'

const recordMutants: readonly Mutant[] = [
  mechanismMutant(
    'MECH-01',
    'has a name with a space',
    class extends ReferenceMechanism {
      override readonly name = 'Reference mechanism'
    },
  ),
  mechanismMutant(
    'MECH-01',
    'is a SASL mechanism with small letters in its name',
    class extends ReferenceMechanism {
      override readonly name = 'Reference'
    },
  ),
  mechanismMutant(
    'MECH-01',
    'is no SASL mechanism, and has a name too long',
    class extends ReferenceMechanism {
      override readonly name = 'Reference-mechanism-1'
      readonly sasl = false
    },
  ),
  mechanismMutant(
    'MECH-02',
    'throws a TypeError at credentials that are null',
    class extends ReferenceMechanism {
      override parseCredentials(value: unknown): Password {
        return (value as Password).username ? super.parseCredentials(value) : super.parseCredentials({})
      }
    },
  ),
  mechanismMutant(
    'MECH-03',
    'takes a password of any type',
    class extends ReferenceMechanism {
      override parseCredentials(value: unknown): Password {
        const password = (value as Partial<Password> | undefined)?.password
        return super.parseCredentials(
          password ? { ...(value as Password), password: String(password) } : value,
        )
      }
    },
  ),
  {
    breaks: 'MECH-04',
    subject: plainSubject('MECH-04: swaps user name and password', {
      protocolV1: ({ username, password }) => ({ username: String(password), password: username }),
    }),
  },
]

const messageMutants: readonly Mutant[] = [
  mechanismMutant(
    'MECH-10',
    'adds a space to the user name',
    class extends ReferenceMechanism {
      override last(account: Password, nonce: Uint8Array, clientNonce: Uint8Array): Buffer {
        return Buffer.concat([Buffer.from(' '), super.last(account, nonce, clientNonce)])
      }
      // This proves nothing, but the clauses about the proof need a login.
      override verify(context: ExchangeContext, expected: Uint8Array, received: SuccessToken) {
        return super.verify(context, expected, received)
      }
    },
  ),
  mechanismMutant(
    'MECH-11',
    'sends a null token where there is nothing to say',
    class extends ReferenceMechanism {
      override first() {
        return send(null as unknown as Uint8Array)
      }
    },
  ),
  mechanismMutant(
    'MECH-12',
    'sends its user name ahead',
    class extends ReferenceMechanism {
      override first({ username }: Password) {
        return send(Buffer.from(username))
      }
    },
  ),
  {
    breaks: 'MECH-13',
    subject: referenceMechanismSubject(
      'MECH-13: adds a NUL that servers happen to ignore',
      new (class extends ReferenceMechanism {
        override last(account: Password, nonce: Uint8Array, clientNonce: Uint8Array): Buffer {
          return Buffer.concat([super.last(account, nonce, clientNonce), Buffer.of(0)])
        }
      })(),
      knownLogins,
    ),
  },
  mechanismMutant(
    'MECH-14',
    'makes its own random numbers',
    class extends ReferenceMechanism {
      readonly #own = new Map<string, Uint8Array>()
      override clientNonce(context: ExchangeContext): Uint8Array {
        // The same for exchanges that begin in the same way, as 200 of them do twice; another one for the next.
        const key = Buffer.from(context.randomBytes(16)).toString('hex')
        if (this.#own.size < 150) this.#own.delete(key)
        const own = this.#own.get(key) ?? randomBytes(16)
        this.#own.set(key, own)
        return own
      }
    },
  ),
  mechanismMutant(
    'MECH-15',
    'sends the password beside its proof',
    class extends ReferenceMechanism {
      override last(account: Password, nonce: Uint8Array, clientNonce: Uint8Array): Buffer {
        const password = Buffer.from(account.password).toString('base64')
        return Buffer.concat([super.last(account, nonce, clientNonce), Buffer.from(`\0${password}`)])
      }
    },
  ),
  mechanismMutant(
    'MECH-16',
    'wipes the password of its caller',
    class extends ReferenceMechanism {
      override parseCredentials(value: unknown): Password {
        const { username, password } = super.parseCredentials(value)
        if (Object.isFrozen(value)) (value as { password: string }).password = ''
        return { username, password }
      }
    },
  ),
  mechanismMutant(
    'MECH-17',
    'keeps the account of the exchange on the mechanism',
    class extends ReferenceMechanism {
      current: Password | undefined
      override first(account: Password) {
        this.current = account
        return send(Buffer.alloc(0))
      }
      override last(_: Password, nonce: Uint8Array, clientNonce: Uint8Array): Buffer {
        return super.last(this.current as Password, nonce, clientNonce)
      }
    },
  ),
]

const serverMutants: readonly Mutant[] = [
  mechanismMutant(
    'MECH-20',
    'takes success for its first message',
    class extends ReferenceMechanism {
      override first() {
        return finish(Buffer.alloc(0)) as never
      }
    },
  ),
  mechanismMutant(
    'MECH-21',
    'repeats itself after its last message',
    class extends ReferenceMechanism {
      override async *afterwards() {
        yield send(Buffer.alloc(0))
      }
    },
  ),
  mechanismMutant(
    'MECH-22',
    'reads a challenge that is not there',
    class extends ReferenceMechanism {
      override readNonce(challenge: Uint8Array | null): Uint8Array {
        return super.readNonce((challenge as Uint8Array).subarray(0))
      }
    },
  ),
  mechanismMutant(
    'MECH-23',
    'compares the length of the proof',
    class extends ReferenceMechanism {
      override verify(context: ExchangeContext, expected: Uint8Array, received: SuccessToken) {
        return super.verify(context, expected, received?.length === expected.length ? expected : received)
      }
    },
  ),
  mechanismMutant(
    'MECH-24',
    'asks for no proof where none was sent',
    class extends ReferenceMechanism {
      override verify(context: ExchangeContext, expected: Uint8Array, received: SuccessToken) {
        return super.verify(context, expected, received?.length ? received : expected)
      }
    },
  ),
  mechanismMutant(
    'MECH-25',
    'quotes the credentials that it cannot use',
    class extends ReferenceMechanism {
      override parseCredentials(value: unknown): Password {
        try {
          return super.parseCredentials(value)
        } catch (error) {
          const text = isAuthError(error) ? error.message : ''
          throw new AuthError(
            'CREDENTIALS_INVALID',
            errorTable.CREDENTIALS_INVALID,
            `${text} ${safely(value)}`,
          )
        }
      }
    },
  ),
  mechanismMutant(
    'MECH-26',
    'turns the bytes of the challenge around in place',
    class extends ReferenceMechanism {
      override readNonce(challenge: Uint8Array | null): Uint8Array {
        const nonce = Buffer.from(super.readNonce(challenge))
        challenge?.reverse()
        return nonce
      }
    },
  ),
  mechanismMutant(
    'MECH-27',
    'waits forever when it is aborted',
    class extends ReferenceMechanism {
      override async *converse(credentials: Password, context: ExchangeContext) {
        if (context.signal.aborted) await new Promise(() => {})
        yield* super.converse(credentials, context)
      }
    },
  ),
  mechanismMutant(
    'MECH-28',
    'cannot be ended in the middle',
    class extends ReferenceMechanism {
      override async *converse(credentials: Password, context: ExchangeContext) {
        let over = false
        try {
          yield* super.converse(credentials, context)
          over = true
        } catch (error) {
          over = true
          throw error
        } finally {
          if (!over) await new Promise(() => {})
        }
      }
    },
  ),
]

function safely(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return ''
  }
}

export const mechanismMutants: readonly Mutant[] = [...recordMutants, ...messageMutants, ...serverMutants]

export const mechanismReferences = [
  referenceMechanismSubject('the reference mechanism', new ReferenceMechanism(), knownLogins),
  plainSubject('PLAIN of core'),
  plainSubject('PLAIN of core, as if it were no SASL mechanism', { name: 'Plain', sasl: false }),
]
