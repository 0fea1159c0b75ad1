import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Reply, ServerExchange } from '../authenticator.js'
import type { MechanismFactory } from '../dse-authenticator.js'
import { lookUp } from '../lib/look-up.js'
import { either, nameIn, tableOption, textsOption } from '../lib/options/common-options.js'
import {
  bagOf,
  callback,
  flag,
  initially,
  oneOf,
  optionBag,
  type Read,
  readOptions,
  refuseMore,
  required,
  type Spec,
  some,
  text as textOption,
} from '../lib/options/option-spec.js'
import type { Users } from '../password-authenticator.js'
import { type ActingOptions, actingAs, mayActAsOption, refused } from './sasl-authenticator.js'

/** Options of `digestMd5Server`. */
export interface DigestMd5ServerOptions extends ActingOptions {
  /** The users who may log in. */
  users: Users
  /** The realms that the server offers. Default one, `testserver`. */
  realms?: readonly string[] | undefined
  /** The service and host in the client's digest-uri, such as `cassandra/localhost`. Default: any. */
  digestUri?: string | undefined
  /** Whether the server announces charset=utf-8. A client may use ISO 8859-1 anyway. Default true. */
  charset?: boolean | undefined
  /** The quality of protection that is offered. Only `auth` is accepted. Default `auth`. */
  qop?: string | undefined
  /** The server's nonce. Default: random, new for each login. */
  nonce?: (() => string) | undefined
  /** Where the server sends its proof: see `scramServer`. Default `challenge`. */
  proofIn?: 'challenge' | 'success' | undefined
  /** How the server lies: a name of `digestMd5Lies`, or your own lie. Default: not at all. */
  lie?: DigestMd5LieName | DigestMd5Lie | undefined
}

/** How a server lies in DIGEST-MD5. Without an entry, that part is honest. */
export interface DigestMd5Lie {
  /** Instead of the digest-challenge. */
  challenge?: ((honest: string) => string) | undefined
  /** Instead of the response-auth; null sends no token. */
  final?: ((honest: string) => string | null) | undefined
  /** Accepts the login before its challenge, or without its proof. */
  earlySuccess?: 'before-challenge' | 'before-final' | undefined
  /** Sends another challenge after the proof, before success. */
  extraStep?: boolean | undefined
  /** Accepts every answer of the client, as a server does that does not know the password. */
  acceptsAnything?: boolean | undefined
}

export const digestMd5LieBag = optionBag('a lie of digestMd5Server', {
  challenge: callback<NonNullable<DigestMd5Lie['challenge']>>(),
  final: callback<NonNullable<DigestMd5Lie['final']>>(),
  earlySuccess: oneOf('before-challenge', 'before-final'),
  extraStep: flag,
  acceptsAnything: flag,
} satisfies Spec<DigestMd5Lie>)

/** Lies that some clients accepted, by name. */
export const digestMd5Lies = {
  'two-nonces': { challenge: (honest) => `${honest},nonce="x"` },
  'no-nonce': { challenge: (honest) => honest.replace(/nonce="[^"]*",/, '') },
  'no-qop-auth': { challenge: (honest) => honest.replace(/qop="[^"]*"/, 'qop="auth-conf"') },
  'algorithm-missing': { challenge: (honest) => honest.replace(/,algorithm=md5-sess/, '') },
  'algorithm-other': { challenge: (honest) => honest.replace('md5-sess', 'md5') },
  'rspauth-first': { challenge: () => 'rspauth=00000000000000000000000000000000' },
  'rspauth-wrong': { final: () => 'rspauth=00000000000000000000000000000000', acceptsAnything: true },
  'rspauth-empty': { final: () => 'rspauth=""', acceptsAnything: true },
  'rspauth-missing': { final: () => null, acceptsAnything: true },
  'success-before-challenge': { earlySuccess: 'before-challenge' },
  'success-before-final': { earlySuccess: 'before-final', acceptsAnything: true },
  'extra-step': { extraStep: true },
} as const satisfies Readonly<Record<string, DigestMd5Lie>>

export type DigestMd5LieName = keyof typeof digestMd5Lies

export const digestMd5ServerBag = optionBag('digestMd5Server', {
  users: required(tableOption),
  realms: initially(
    ['testserver'],
    textsOption('a list of realms'),
    'One, so that a client does not have to choose.',
    "`['testserver']`",
  ),
  digestUri: textOption('a digest-uri'),
  charset: initially(true, flag, 'RFC 2831 §2.1.1: all current servers announce utf-8.'),
  qop: initially(
    'auth',
    some<string>('a string', (value) => typeof value === 'string'),
    'CQL has no security layer.',
  ),
  nonce: initially(
    freshNonce,
    callback<() => string>(),
    'RFC 2831 §2.1.1: a nonce is new for each login.',
    'a random one for each login',
  ),
  proofIn: initially('challenge', oneOf('challenge', 'success'), 'The driver drops the token of a success.'),
  lie: either<DigestMd5LieName, DigestMd5Lie>(nameIn(digestMd5Lies), bagOf(digestMd5LieBag)),
  mayActAs: mayActAsOption,
} satisfies Spec<DigestMd5ServerOptions>)

type CheckedOptions = Read<typeof digestMd5ServerBag.options>

/** DIGEST-MD5 (RFC 2831), quality of protection auth. */
export function digestMd5Server(given: DigestMd5ServerOptions): MechanismFactory
export function digestMd5Server(
  given: DigestMd5ServerOptions,
  ...more: readonly unknown[]
): MechanismFactory {
  refuseMore('digestMd5Server', more)
  const options = readOptions(digestMd5ServerBag, given)
  return () => new DigestExchange(options)
}

class DigestExchange implements ServerExchange {
  readonly #options: CheckedOptions
  readonly #lie: DigestMd5Lie
  readonly #nonce: string
  #step: (token: Buffer) => Reply = (token) => this.#begin(token)

  constructor(options: CheckedOptions) {
    this.#options = options
    const { lie = {} } = options
    this.#lie = typeof lie === 'string' ? digestMd5Lies[lie] : lie
    this.#nonce = options.nonce()
  }

  respond(token: Uint8Array | null): Reply {
    if (token === null) return { failure: 'java.lang.NullPointerException', code: 0x0000 }
    return this.#step(Buffer.from(token))
  }

  #begin(token: Buffer): Reply {
    if (token.length > 0) return refused('DIGEST-MD5 begins with the server')
    if (this.#lie.earlySuccess === 'before-challenge') return { success: null, username: 'nobody' }
    const { realms, charset, qop } = this.#options
    const list = [
      ...realms.map((realm) => `realm="${realm.replaceAll(/["\\]/g, '\\$&')}"`),
      `nonce="${this.#nonce}"`,
      `qop="${qop}"`,
      'algorithm=md5-sess',
      ...(charset ? ['charset=utf-8'] : []),
    ].join(',')
    this.#step = (response) => this.#answer(response)
    return { challenge: Buffer.from(this.#lie.challenge?.(list) ?? list, charset ? 'utf8' : 'latin1') }
  }

  #answer(response: Buffer): Reply {
    const given = readDirectives(response)
    if (given === undefined) return refused('This is not a digest-response')
    const complaint = this.#complaint(given)
    if (complaint !== undefined) return refused(complaint)
    const username = text(given, 'username')
    const password = lookUp(this.#options.users, username)
    const [expected, proof] = ['AUTHENTICATE', ''].map((method) =>
      this.#digest(given, password ?? '', method),
    )
    const right = password !== undefined && equal(expected, given.get('response'))
    if (!right && !this.#lie.acceptsAnything) return refused()
    const role = Buffer.from(given.get('authzid') ?? '', 'latin1').toString('utf8')
    const acting = actingAs(username, role, this.#options.mayActAs)
    return acting === undefined
      ? refused('Not authorized to act as this role')
      : this.#finish(acting, `rspauth=${proof}`)
  }

  #complaint(given: ReadonlyMap<string, string>): string | undefined {
    const { realms, charset, digestUri } = this.#options
    if (given.get('nonce') !== this.#nonce) return 'The nonce is not ours'
    if (given.get('nc') !== '00000001') return 'The nonce count is not 1'
    if ((given.get('qop') ?? 'auth') !== 'auth') return 'The quality of protection is not auth'
    // RFC 2831 §2.1.2: a client may omit the charset, and then writes ISO 8859-1.
    if (given.has('charset') && !(charset && isUtf8(given))) return 'The charset is not what was offered'
    if (realms.length > 0 && !realms.includes(text(given, 'realm'))) return 'There is no such realm'
    if (digestUri !== undefined && given.get('digest-uri') !== digestUri)
      return `The digest-uri is not ${digestUri}`
    return given.has('cnonce') && given.has('username') ? undefined : 'A directive is missing'
  }

  #finish(username: string, honest: string): Reply {
    const final = this.#lie.final === undefined ? honest : this.#lie.final(honest)
    const token = final === null ? null : Buffer.from(final)
    if (this.#lie.earlySuccess === 'before-final') return { success: null, username }
    if (this.#options.proofIn === 'success' && !this.#lie.extraStep) return { success: token, username }
    let steps = this.#lie.extraStep ? 1 : 0
    this.#step = (answer) => {
      if (answer.length > 0) return refused('The last message of the client is not empty')
      return steps-- > 0 ? { challenge: Buffer.from('stale=true') } : { success: null, username }
    }
    return { challenge: token }
  }

  /** RFC 2831 §2.1.2.1 and §2.1.3, in the order of the formulas there. */
  #digest(given: ReadonlyMap<string, string>, password: string, method: string): string {
    const part = (name: string) => Buffer.from(given.get(name) ?? '', 'latin1')
    const user = [text(given, 'username'), text(given, 'realm'), password]
    const a1 = [md5(join(user.map(inHash))), part('nonce'), part('cnonce')]
    if (given.has('authzid')) a1.push(part('authzid'))
    const a2 = join([Buffer.from(method), part('digest-uri')])
    const middle = [part('nonce'), part('nc'), part('cnonce'), Buffer.from('auth')]
    return md5(join([hex(md5(join(a1))), ...middle, hex(md5(a2))])).toString('hex')
  }
}

/** RFC 2831 §2.1.2: user name, realm and password are UTF-8 if the client says so, else ISO 8859-1. */
function text(given: ReadonlyMap<string, string>, name: string): string {
  const bytes = Buffer.from(given.get(name) ?? '', 'latin1')
  return bytes.toString(isUtf8(given) ? 'utf8' : 'latin1')
}

function isUtf8(given: ReadonlyMap<string, string>): boolean {
  return given.get('charset')?.toLowerCase() === 'utf-8'
}

/** The value of each name, one character for each byte. Undefined if it is not a list, or a name appears twice. */
function readDirectives(response: Buffer): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>()
  let rest = response.toString('latin1')
  while (rest !== '') {
    const match = /^\s*([a-z-]+)=("(?:\\.|[^"\\])*"|[^",\s]*)\s*(?:,|$)/s.exec(rest)
    if (!match) return undefined
    const [whole, name = '', value = ''] = match
    if (found.has(name)) return undefined
    found.set(name, value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : value)
    rest = rest.slice(whole.length)
  }
  return found
}

/** The bytes of a text in a hash: ISO 8859-1 if possible, or else UTF-8. */
function inHash(text: string): Buffer {
  const fits = [...text].every((character) => character.charCodeAt(0) <= 0xff)
  return Buffer.from(text, fits ? 'latin1' : 'utf8')
}

function join(parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [Buffer.from(':'), part])))
}

function md5(bytes: Buffer): Buffer {
  return createHash('md5').update(bytes).digest()
}

function freshNonce(): string {
  return randomBytes(16).toString('base64url')
}

function hex(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('hex'))
}

function equal(expected: string | undefined, given: string | undefined): boolean {
  const [left, right] = [Buffer.from(expected ?? ''), Buffer.from(given ?? '')]
  return left.length === right.length && timingSafeEqual(left, right)
}
