import { isUtf8 } from 'node:buffer'
import type { Reply, ServerExchange } from '../authenticator.js'
import type { MechanismFactory } from '../dse-authenticator.js'
import { bytesOption, either, nameIn, textsOption } from '../lib/options/common-options.js'
import {
  bagOf,
  callback,
  flag,
  initially,
  oneOf,
  optionBag,
  type Read,
  readOptions,
  type Spec,
  text,
  whole,
} from '../lib/options/option-spec.js'
import { contextToken, readContextToken, SessionKey, type Wrapping } from './gssapi-tokens.js'
import { type ActingOptions, actingAs, mayActAsOption, refused } from './sasl-authenticator.js'

/** Options of the server side of `pretendKerberos`. */
export interface GssapiServerOptions extends ActingOptions {
  /** The name of the server's key, such as `cassandra@node1.example.com`. Default: any. */
  server?: string | undefined
  /** The principals that may log in. Default: all that have a ticket. */
  principals?: readonly string[] | undefined
  /**
   * The security layers that the server offers, and the largest message that it accepts: four bytes. Default 01 00 00
   * 00, no layer.
   */
  offer?: Uint8Array | undefined
  /** The number of bytes by which the offer is rotated, as on servers on Windows. Default 0. */
  rotation?: number | undefined
  /** How the server lies: a name of `gssapiLies`, or your own lie. Default: not at all. */
  lie?: GssapiLieName | GssapiLie | undefined
}

/** How a server lies in GSSAPI. Without an entry, that part is honest. */
export interface GssapiLie {
  /** Instead of the answer to the ticket; null sends no token. */
  reply?: ((honest: Buffer) => Uint8Array | null) | undefined
  /** The content of the offer, correctly protected. */
  payload?: Uint8Array | undefined
  /** Whether the offer is encrypted. */
  sealed?: boolean | undefined
  /** Instead of the offer's token; null sends no token. */
  offer?: ((honest: Buffer) => Uint8Array | null) | undefined
  /** Accepts the login before the exchange is complete. */
  earlySuccess?: 'before-reply' | 'before-offer' | undefined
  /** Sends another challenge at the end, before success. */
  extraStep?: boolean | undefined
  /** The server does not have the key for which the ticket was issued. */
  impostor?: boolean | undefined
}

export const gssapiLieBag = optionBag('a lie of gssapiServer', {
  reply: callback<NonNullable<GssapiLie['reply']>>(),
  payload: bytesOption,
  sealed: flag,
  offer: callback<NonNullable<GssapiLie['offer']>>(),
  earlySuccess: oneOf('before-reply', 'before-offer'),
  extraStep: flag,
  impostor: flag,
} satisfies Spec<GssapiLie>)

/**
 * Keeps the names and types each lie as GssapiLie. TypeScript before 5.7 cannot read the type that would be inferred
 * (`Buffer<ArrayBuffer>`).
 */
function named<N extends string>(lies: Record<N, GssapiLie>): Readonly<Record<N, GssapiLie>> {
  return lies
}

/** Lies that some clients accepted, or that made them crash, by name. */
export const gssapiLies = named({
  'reply-empty': { reply: () => Buffer.alloc(0) },
  'reply-missing': { reply: () => null },
  'reply-garbage': { reply: () => Buffer.alloc(64, 0xff) },
  'reply-flipped': { reply: flipped },
  'reply-is-an-error': { reply: () => contextToken('error', Buffer.from('Clock skew too great')) },
  impostor: { impostor: true },
  'integrity-only': { payload: Buffer.of(2, 0, 0x10, 0) },
  'layers-only': { payload: Buffer.of(6, 0, 0x10, 0) },
  'no-layer-at-all': { payload: Buffer.of(0, 0, 0, 0) },
  'payload-empty': { payload: Buffer.alloc(0) },
  'payload-of-1-byte': { payload: Buffer.of(1) },
  'payload-of-3-bytes': { payload: Buffer.of(1, 0, 0) },
  'payload-of-5-bytes': { payload: Buffer.of(1, 0, 0, 0, 0) },
  'offer-empty': { offer: () => Buffer.alloc(0) },
  'offer-missing': { offer: () => null },
  'offer-garbage': { offer: () => Buffer.alloc(32, 0x05) },
  'offer-cut': { offer: (honest) => honest.subarray(0, -1) },
  'offer-flipped': { offer: flipped },
  'offer-sealed': { sealed: true },
  'offer-of-a-client': { offer: ofClient },
  'success-before-reply': { earlySuccess: 'before-reply' },
  'success-before-offer': { earlySuccess: 'before-offer' },
  'extra-step': { extraStep: true },
})

export type GssapiLieName = keyof typeof gssapiLies

export const gssapiServerBag = optionBag('the server of pretendKerberos', {
  server: text('service@host'),
  principals: textsOption('a list of principals'),
  offer: initially(
    Buffer.of(1, 0, 0, 0),
    bytesOption,
    'RFC 4752 §3.3: no security layer, because CQL supports none.',
    '`01000000`',
  ),
  rotation: initially(0, whole({ min: 0, max: 0xffff }), 'MIT Kerberos does not rotate.'),
  lie: either<GssapiLieName, GssapiLie>(nameIn(gssapiLies), bagOf(gssapiLieBag)),
  mayActAs: mayActAsOption,
} satisfies Spec<GssapiServerOptions>)

type CheckedOptions = Read<typeof gssapiServerBag.options>

/** GSSAPI (RFC 4752). `keyOf` returns the session key for a ticket. */
export function gssapiServer(
  keyOf: (ticket: string) => SessionKey,
  given: GssapiServerOptions,
): MechanismFactory {
  const options = readOptions(gssapiServerBag, given)
  return () => new GssapiExchange(keyOf, options)
}

class GssapiExchange implements ServerExchange {
  readonly #keyOf: (ticket: string) => SessionKey
  readonly #options: CheckedOptions
  readonly #lie: GssapiLie
  #step: (token: Buffer) => Reply = (token) => this.#begin(token)

  constructor(keyOf: (ticket: string) => SessionKey, options: CheckedOptions) {
    this.#keyOf = keyOf
    this.#options = options
    const { lie = {} } = options
    this.#lie = typeof lie === 'string' ? gssapiLies[lie] : lie
  }

  respond(token: Uint8Array | null): Reply {
    if (token === null) return { failure: 'java.lang.NullPointerException', code: 0x0000 }
    return this.#step(Buffer.from(token))
  }

  /** RFC 4752 §3.2: GSS_Accept_sec_context. */
  #begin(token: Buffer): Reply {
    const { principals, server: own } = this.#options
    const request = readContextToken(token)
    const [kind, principal = '', server = ''] = request?.body.toString('utf8').split('\0') ?? []
    if (request?.kind !== 'ticket' || server === '') return refused('Defective token detected')
    if (own !== undefined && own !== server) return refused('Wrong principal in request')
    if (principals && !principals.includes(principal)) return refused()
    if (this.#lie.earlySuccess === 'before-reply') return { success: null, username: principal }
    const ticket = `${principal}\0${server}`
    const key = this.#lie.impostor ? new SessionKey(Buffer.alloc(32)) : this.#keyOf(ticket)
    const offer = () => this.#offer(key, principal)
    if (kind !== 'mutual') return offer()
    this.#step = (answer) => (answer.length === 0 ? offer() : refused('The message should be empty'))
    return { challenge: changed(this.#lie.reply, contextToken('reply', key.proof('server'))) }
  }

  #offer(key: SessionKey, principal: string): Reply {
    if (this.#lie.earlySuccess === 'before-offer') return { success: null, username: principal }
    const { offer, rotation } = this.#options
    const wrapping: Wrapping = { sealed: this.#lie.sealed ?? false, rotation }
    const token = key.wrap(this.#lie.payload ?? offer, 'server', wrapping)
    this.#step = (answer) => this.#choose(key, principal, answer)
    return { challenge: changed(this.#lie.offer, token) }
  }

  #choose(key: SessionKey, principal: string, answer: Buffer): Reply {
    const choice = key.unwrap(answer, 'client')
    if (choice === undefined) return refused('Token header is malformed or corrupt')
    // RFC 4752 §3.1: "no layer" is 01, and then there is no largest message.
    if (!choice.subarray(0, 4).equals(Buffer.of(1, 0, 0, 0)))
      return refused('The client chose a security layer or a message size')
    const name = choice.subarray(4)
    if (!isUtf8(name)) return refused('The authorization id is not UTF-8')
    const username = actingAs(principal, name.toString('utf8'), this.#options.mayActAs)
    if (username === undefined) return refused('Not authorized to act as this role')
    if (!this.#lie.extraStep) return { success: null, username }
    this.#step = () => ({ success: null, username })
    return { challenge: Buffer.alloc(0) }
  }
}

function changed(
  lie: ((honest: Buffer) => Uint8Array | null) | undefined,
  honest: Buffer,
): Uint8Array | null {
  return lie ? lie(honest) : honest
}

function flipped(honest: Buffer): Buffer {
  const copy = Buffer.from(honest)
  copy[copy.length - 1] = Number(copy.at(-1)) ^ 1
  return copy
}

/** The server's own token as if it came from the client, without the flag SentByAcceptor. */
function ofClient(honest: Buffer): Buffer {
  const copy = Buffer.from(honest)
  copy[2] = Number(copy[2]) & ~1
  return copy
}
