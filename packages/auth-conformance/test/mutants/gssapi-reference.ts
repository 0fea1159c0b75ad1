/** GSSAPI (RFC 4752) over a simulated Kerberos, in steps small enough that a mutant can break one. */
import {
  authError,
  type ClientStep,
  type Conversation,
  type ExchangeContext,
  finish,
  type MutualMechanism,
  type ServerProof,
  type ServerToken,
  send,
  withoutData,
} from '@x/auth-core/base'
import { type PretendKerberosClient, pretendKerberos, saslAuthenticator } from '@x/auth-testserver'
import type { MechanismSubject } from '../../src/mechanism/subject.js'
import type { Mutant } from './mutant.js'

interface Principal {
  readonly principal: string
  readonly authorizationId: string
}

const noLayer = 1

export class ReferenceGssapi implements MutualMechanism<Principal> {
  readonly name = 'GSSAPI'
  readonly clientFirst = true
  readonly mutual = true
  readonly cleartext = false
  readonly spec = 'RFC 4752'
  readonly realm = pretendKerberos()
  /** GSS_C_MUTUAL_FLAG and GSS_C_SEQUENCE_FLAG. */
  readonly flags: number = 2 | 8

  parseCredentials(value: unknown): Principal {
    const { principal, authorizationId = '' } = (value ?? {}) as Partial<Principal>
    if (typeof principal !== 'string' || typeof authorizationId !== 'string') {
      throw authError('CREDENTIALS_INVALID')
    }
    return { principal, authorizationId }
  }

  async *converse(
    { principal, authorizationId }: Principal,
    context: ExchangeContext,
  ): Conversation<ServerProof> {
    const { flags, realm } = this
    const client = await realm.kerberos.initializeClient(`cassandra@${context.address}`, { principal, flags })
    let answer: ServerToken = yield this.first(decoded(await client.step('')), context)
    if (!client.contextComplete) {
      await typed(client.step(encoded(answer)))
      if (!client.contextComplete) throw authError('CHALLENGE_INVALID', 'The context is not complete.')
      answer = yield send(Buffer.alloc(0))
    }
    const offer = await this.readOffer(client, this.checkToken(answer))
    const choice = await client.wrap(this.choice(offer), { user: this.user(authorizationId) })
    const more = yield finish(
      decoded(choice),
      withoutData(() => context.vouchForServer()),
    )
    yield* this.afterwards(more, context)
  }

  first(ticket: Buffer, _context: ExchangeContext): ClientStep<ServerProof> {
    return send(ticket)
  }

  /** RFC 4121 §4.2.6.2, before it is unwrapped. */
  checkToken(token: ServerToken): Buffer {
    const bytes = Buffer.from(token ?? [])
    if (bytes.length < 16 || bytes.readUInt16BE(0) !== 0x0504) throw authError('CHALLENGE_INVALID')
    if (!this.acceptsFlags(Number(bytes[2]))) throw authError('CHALLENGE_INVALID', 'The offer is encrypted.')
    return bytes
  }

  acceptsFlags(flags: number): boolean {
    return (flags & 2) === 0
  }

  async readOffer(client: PretendKerberosClient, token: Buffer): Promise<Buffer> {
    const offer = decoded(await typed(client.unwrap(encoded(token))))
    if (!this.acceptsLength(offer.length))
      throw authError('CHALLENGE_INVALID', 'The offer is not of 4 bytes.')
    if (!this.acceptsLayers(Number(offer[0]))) throw authError('CHALLENGE_INVALID', 'A layer is insisted on.')
    return offer
  }

  acceptsLength(length: number): boolean {
    return length === 4
  }

  acceptsLayers(layers: number): boolean {
    return (layers & noLayer) !== 0
  }

  choice(_offer: Buffer): string {
    return encoded(Buffer.alloc(4))
  }

  user(authorizationId: string): string {
    return authorizationId
  }

  async *afterwards(_more: ServerToken, _context: ExchangeContext): Conversation<ServerProof> {}
}

export function gssapiSubject(name: string, mechanism: ReferenceGssapi): MechanismSubject {
  const { server } = mechanism.realm
  return {
    kind: 'mechanism',
    name,
    mechanism: mechanism as MechanismSubject['mechanism'],
    account: (label) => ({ username: label, credentials: { principal: label }, secrets: [] }),
    server: (accounts) => saslAuthenticator(server({ principals: accounts.map(({ username }) => username) })),
    gssapi: (options) => saslAuthenticator(server(options)),
  }
}

export function gssapiMutant(breaks: string, flaw: string, Mechanism: typeof ReferenceGssapi): Mutant {
  return { breaks, subject: gssapiSubject(`${breaks}: ${flaw}`, new Mechanism()) }
}

/** The error of the library is not an error of a mechanism. */
async function typed<T>(call: Promise<T>): Promise<T> {
  return call.catch((cause: unknown) => {
    throw authError('CHALLENGE_INVALID', undefined, { cause })
  })
}

function encoded(token: ServerToken): string {
  return Buffer.from(token ?? []).toString('base64')
}

function decoded(text: string | null): Buffer {
  return Buffer.from(text ?? '', 'base64')
}
