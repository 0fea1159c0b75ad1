/**
 * A mechanism that keeps every promise of the suite, in steps small enough that a mutant can break one: the server
 * speaks first (a nonce), the client answers with user name, nonce and proof, and the server proves itself in turn.
 */
import { createHmac, randomBytes } from 'node:crypto'
import {
  authError,
  type ClientStep,
  type Conversation,
  type ExchangeContext,
  finish,
  type MutualMechanism,
  plain,
  type ServerProof,
  type ServerToken,
  type SuccessToken,
  send,
} from '@x/auth-core/base'
import { passwordAuthenticator, type ServerAuthenticator } from '@x/auth-testserver'
import type { MechanismSubject } from '../../src/mechanism/subject.js'
import type { Account } from '../../src/subject.js'
import type { Mutant } from './mutant.js'
import { passwordAccount, usersOf } from './password-accounts.js'
import type { Password } from './reference-provider.js'

export class ReferenceMechanism implements MutualMechanism<Password> {
  readonly name: string = 'REFERENCE'
  readonly clientFirst = false
  readonly mutual = true
  readonly cleartext: boolean = false
  readonly spec = 'this file'

  parseCredentials(value: unknown): Password {
    const { username, password } = (value ?? {}) as Partial<Password>
    if (typeof username !== 'string' || typeof password !== 'string') throw authError('CREDENTIALS_INVALID')
    return { username, password }
  }

  async *converse(credentials: Password, context: ExchangeContext): Conversation<ServerProof> {
    const challenge = yield this.first(credentials, context)
    const nonce = this.readNonce(challenge)
    const clientNonce = this.clientNonce(context)
    const token = this.last(credentials, nonce, clientNonce)
    const expected = proof(credentials.password, 'server', nonce, clientNonce)
    const more = yield finish(token, (received) => this.verify(context, expected, received))
    yield* this.afterwards(more)
  }

  first(_credentials: Password, _context: ExchangeContext): ClientStep<ServerProof> {
    return send(Buffer.alloc(0))
  }

  readNonce(challenge: ServerToken): Uint8Array {
    if (challenge?.length !== 16) throw authError('CHALLENGE_INVALID')
    return challenge
  }

  clientNonce(context: ExchangeContext): Uint8Array {
    return context.randomBytes(16)
  }

  last({ username, password }: Password, nonce: Uint8Array, clientNonce: Uint8Array): Buffer {
    const own = proof(password, 'client', nonce, clientNonce)
    return Buffer.from([username, hex(clientNonce), hex(own)].join('\0'))
  }

  verify(context: ExchangeContext, expected: Uint8Array, received: SuccessToken): ServerProof {
    return context.verifyServer(expected, received)
  }

  async *afterwards(_more: ServerToken): AsyncGenerator<ClientStep<ServerProof>, void, ServerToken> {}
}

export function referenceMechanismSubject(
  name: string,
  mechanism: MechanismSubject['mechanism'],
  vectors?: MechanismSubject['vectors'],
): MechanismSubject {
  return { kind: 'mechanism', name, mechanism, account: passwordAccount, server, ...(vectors && { vectors }) }
}

export const knownLogins: MechanismSubject['vectors'] = [
  {
    name: 'all zero',
    credentials: { username: 'user', password: 'pencil' },
    random: ['00'.repeat(16)],
    messages: [
      { from: 'client', hex: '' },
      { from: 'server', hex: '00'.repeat(16) },
      {
        from: 'client',
        hex: hex(
          Buffer.from(
            [
              'user',
              '00'.repeat(16),
              hex(proof('pencil', 'client', Buffer.alloc(16), Buffer.alloc(16))),
            ].join('\0'),
          ),
        ),
      },
    ],
    success: hex(proof('pencil', 'server', Buffer.alloc(16), Buffer.alloc(16))),
  },
]

/** PLAIN of core, as a mechanism with one message, with a cleartext password and support for protocol version 1. */
export function plainSubject(name: string, changes: Partial<typeof plain> = {}): MechanismSubject {
  const mechanism = { ...plain, ...changes } as MechanismSubject['mechanism']
  return {
    ...referenceMechanismSubject(name, mechanism),
    server: (accounts) => passwordAuthenticator({ users: usersOf(accounts) }),
  }
}

/** A mutant of the reference. It has no known logins, because any change of a message would break those too. */
export function mechanismMutant(breaks: string, flaw: string, Mechanism: typeof ReferenceMechanism): Mutant {
  return { breaks, subject: referenceMechanismSubject(`${breaks}: ${flaw}`, new Mechanism()) }
}

/** More tolerant than a real server, so that only the suite lets a mutant fail. */
function server(accounts: readonly Account[]): ServerAuthenticator {
  return {
    name: 'org.example.ReferenceAuthenticator',
    newExchange: () => {
      const nonce = randomBytes(16)
      let asked = false
      return {
        respond: (token) => {
          if (!asked) {
            asked = true
            return { challenge: Buffer.from(nonce) }
          }
          const [username, clientNonce = '', own] = Buffer.from(token ?? [])
            .toString()
            .split('\0')
          const known = accounts.find((each) => each.username === username)
          const { password = '' } = (known?.credentials ?? {}) as Partial<Password>
          const random = Buffer.from(clientNonce, 'hex')
          return known && own === hex(proof(password, 'client', nonce, random))
            ? { success: proof(password, 'server', nonce, random), username: known.username }
            : { failure: 'Provided username and/or password are incorrect' }
        },
      }
    },
  }
}

function proof(password: string, side: string, nonce: Uint8Array, clientNonce: Uint8Array): Buffer {
  return createHmac('sha256', password).update(side).update(nonce).update(clientNonce).digest()
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
