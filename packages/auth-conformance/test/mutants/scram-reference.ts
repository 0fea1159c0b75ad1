/** SCRAM-SHA-256 (RFC 5802, RFC 7677) in steps small enough that a mutant can break one. */
import { createHash, createHmac, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import {
  authError,
  type ClientStep,
  type Conversation,
  type ExchangeContext,
  finish,
  type MutualMechanism,
  type ServerProof,
  type ServerToken,
  type SuccessToken,
  send,
  withoutData,
} from '@x/auth-core/base'
import { scramServer } from '@x/auth-testserver'
import type { MechanismSubject } from '../../src/mechanism/subject.js'
import type { Mutant } from './mutant.js'
import { parsePassword, passwordSubject, type RolePassword } from './password-accounts.js'

export type Place = 'challenge' | 'success'

const pbkdf2Async = promisify(pbkdf2)
const empty = Buffer.alloc(0)
const derived = new Map<string, Promise<Buffer>>()

/** The results are kept for all mutants together: twenty that compute at the same time would use the whole machine. */
function derive(password: string, salt: Buffer, iterations: number): Promise<Buffer> {
  const key = `${iterations} ${salt.toString('base64')} ${password}`
  const known = derived.get(key) ?? pbkdf2Async(password, salt, iterations, 32, 'sha256')
  derived.set(key, known)
  return known
}

export class ReferenceScram implements MutualMechanism<RolePassword> {
  readonly name: string = 'SCRAM-SHA-256'
  readonly clientFirst = true
  readonly mutual = true
  readonly cleartext = false
  readonly spec = 'RFC 7677'
  readonly ceiling: number = 600_000
  readonly floor: number = 4_096

  parseCredentials(value: unknown): RolePassword {
    return parsePassword(value)
  }

  async *converse(credentials: RolePassword, context: ExchangeContext): Conversation<ServerProof> {
    const role = credentials.authorizationId
    const { flag, data } = this.binding(context)
    const header = role === '' ? `${flag},,` : `${flag},a=${this.escapeRole(role)},`
    const ownNonce = Buffer.from(context.randomBytes(18)).toString('base64')
    const bare = `n=${this.escapeName(credentials.username)},r=${ownNonce}`
    const first = textOf(yield this.first(Buffer.from(header + bare), context))

    const { nonce, salt, iterations } = this.readFirst(first, ownNonce)
    const salted = await derive(credentials.password, salt, iterations)
    const input = Buffer.concat([Buffer.from(header), data])
    const withoutProof = `c=${input.toString('base64')},r=${nonce}`
    const message = `${bare},${first},${withoutProof}`
    const expected = Buffer.from(hmac(hmac(salted, 'Server Key'), message).toString('base64'))
    const last = Buffer.from(`${withoutProof},p=${clientProof(salted, message)}`)

    const final = yield finish(last, (token) => this.verify(context, expected, token, 'success'))
    const proof = this.verify(context, expected, final, 'challenge')
    const more = yield finish(empty, this.ending(proof))
    yield* this.afterwards(more, proof)
  }

  /** How a success after the server's proof is handled. */
  ending(proof: ServerProof): (token: SuccessToken) => ServerProof {
    return withoutData(() => proof)
  }

  /** RFC 5802 §6: what the login is bound to. */
  binding(_context: ExchangeContext): { readonly flag: string; readonly data: Uint8Array } {
    return { flag: 'n', data: empty }
  }

  first(token: Uint8Array, _context: ExchangeContext): ClientStep<ServerProof> {
    return send(token)
  }

  escapeName(text: string): string {
    return text.replaceAll('=', '=3D').replaceAll(',', '=2C')
  }

  escapeRole(text: string): string {
    return text.replaceAll('=', '=3D').replaceAll(',', '=2C')
  }

  readFirst(text: string, ownNonce: string) {
    if (text.startsWith('e=')) throw this.serverError(text)
    const [first, second, third, ...extensions] = this.attributes(text)
    const nonce = attributeValue('r', first)
    if (!this.continues(nonce, ownNonce)) throw invalid('The nonce does not continue ours.')
    const salt = Buffer.from(attributeValue('s', second), 'base64')
    const iterations = this.parseIterations(attributeValue('i', third))
    // The comparison is written so that NaN fails.
    if (!this.acceptable(iterations)) throw invalid('The iteration count is out of range.')
    if (!this.tolerates(extensions)) throw invalid('An attribute is out of place.')
    return { nonce, salt, iterations }
  }

  attributes(text: string): string[] {
    if (text.startsWith('m=')) throw invalid('An extension is required.')
    return text.split(',')
  }

  continues(nonce: string, ownNonce: string): boolean {
    return nonce.startsWith(ownNonce) && nonce.length > ownNonce.length
  }

  parseIterations(text: string): number {
    return /^[1-9][0-9]*$/.test(text) ? Number(text) : Number.NaN
  }

  acceptable(iterations: number): boolean {
    return iterations >= this.floor && iterations <= this.ceiling
  }

  tolerates(extensions: readonly string[]): boolean {
    return extensions.every((part) => /^[b-df-hj-lo-qt-uw-z]=./.test(part))
  }

  serverError(text: string) {
    const [serverError = ''] = text.slice(2).split(',')
    return authError('LOGIN_REFUSED', `The server answered ${serverError}.`, { details: { serverError } })
  }

  verify(context: ExchangeContext, expected: Uint8Array, token: SuccessToken, place: Place): ServerProof {
    return context.verifyServer(
      expected,
      token?.length ? this.signature(textOf(token), expected, place) : token,
    )
  }

  /** The signature in the server's message. `expected` is for the mutants, which accept it. */
  signature(text: string, _expected: Uint8Array, _place: Place): Uint8Array {
    if (text.startsWith('e=')) throw this.serverError(text)
    const [first, ...extensions] = text.split(',')
    if (!this.tolerates(extensions)) throw invalid('An attribute is out of place.')
    return Buffer.from(attributeValue('v', first))
  }

  async *afterwards(_more: ServerToken, _proof: ServerProof): Conversation<ServerProof> {}
}

export function scramSubject(name: string, mechanism: ReferenceScram): MechanismSubject {
  return passwordSubject(name, mechanism, (users) => scramServer({ users }))
}

export function scramMutant(breaks: string, flaw: string, Mechanism: typeof ReferenceScram): Mutant {
  return { breaks, subject: scramSubject(`${breaks}: ${flaw}`, new Mechanism()) }
}

/** RFC 5802 §3: ClientProof := ClientKey XOR HMAC(H(ClientKey), AuthMessage) */
function clientProof(salted: Buffer, message: string): string {
  const clientKey = hmac(salted, 'Client Key')
  const signature = hmac(createHash('sha256').update(clientKey).digest(), message)
  return Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0))).toString('base64')
}

function hmac(key: Buffer, message: string): Buffer {
  return createHmac('sha256', key).update(message).digest()
}

function attributeValue(attribute: string, part: string | undefined): string {
  if (part?.startsWith(`${attribute}=`)) return part.slice(2)
  throw invalid(`The attribute ${attribute} is missing.`)
}

function textOf(token: Uint8Array | null): string {
  return Buffer.from(token ?? empty).toString('utf8')
}

function invalid(problem: string) {
  return authError('CHALLENGE_INVALID', problem)
}
