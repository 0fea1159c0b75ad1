import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { ConnectionInfo, Reply, ServerExchange } from '../authenticator.js'
import type { MechanismFactory } from '../dse-authenticator.js'
import { lookUp } from '../lib/look-up.js'
import { either, nameIn, tableOption } from '../lib/options/common-options.js'
import {
  bagOf,
  callback,
  initially,
  listOf,
  oneOf,
  optionBag,
  type Read,
  readOptions,
  refuseMore,
  required,
  type Spec,
  some,
  whole,
} from '../lib/options/option-spec.js'
import type { Users } from '../password-authenticator.js'
import { prepare } from './prepare.js'
import { type ActingOptions, actingAs, mayActAsOption, refused } from './sasl-authenticator.js'
import { type ScramLie, type ScramLieName, scramLieBag, scramLies } from './scram-lies.js'
import { type ServerBindingType, serverBinding, serverBindingTypes } from './server-binding.js'

const scramNames = [
  'SCRAM-SHA-1',
  'SCRAM-SHA-256',
  'SCRAM-SHA-512',
  'SCRAM-SHA-1-PLUS',
  'SCRAM-SHA-256-PLUS',
  'SCRAM-SHA-512-PLUS',
] as const

export type ScramServerName = (typeof scramNames)[number]

/** Options of `scramServer`. */
export interface ScramServerOptions extends ActingOptions {
  /** The users who may log in. */
  users: Users
  /** The name of the mechanism. A name with -PLUS accepts only bound logins. Default `SCRAM-SHA-256`. */
  mechanism?: ScramServerName | undefined
  /**
   * The types of channel binding that the server supports. If it supports one, and a client that could bind uses a name
   * without -PLUS, the login is refused (RFC 5802 §6). Default: both for names with -PLUS, else none.
   */
  channelBinding?: readonly ServerBindingType[] | undefined
  /** The iteration count. Default 4 096. */
  iterations?: number | undefined
  /**
   * The salt in base64, or a function of the user name. Default: random, one for each user for the lifetime of the
   * server, as in a database.
   */
  salt?: (string | ((username: string) => string)) | undefined
  /** The server's part of the nonce. Default: random, new for each login. */
  nonce?: (() => string) | undefined
  /** Further attributes of the first message, such as `x=1`. */
  extensions?: string | undefined
  /**
   * Where the server sends its proof: in a challenge that needs an empty answer (default), or in the token of
   * AUTH_SUCCESS, which the stock driver drops.
   */
  proofIn?: 'challenge' | 'success' | undefined
  /** How the server lies: a name of `scramLies`, or your own lie. Default: not at all. */
  lie?: ScramLieName | ScramLie | undefined
}

export const scramServerBag = optionBag('scramServer', {
  users: required(tableOption),
  mechanism: initially('SCRAM-SHA-256', oneOf(...scramNames), 'Deployed servers use it.'),
  channelBinding: listOf(oneOf(...serverBindingTypes), 'a list of types of channel binding'),
  iterations: initially(
    4_096,
    whole({ min: 1, max: 2 ** 31 - 1 }),
    'RFC 5802 §5.1: the smallest count that clients accept, so that tests are fast.',
  ),
  salt: some<NonNullable<ScramServerOptions['salt']>>('base64, or a function of the user name', (value) =>
    ['string', 'function'].includes(typeof value),
  ),
  nonce: initially(
    freshNonce,
    callback<() => string>(),
    'RFC 5802 §5.1: a nonce is new for each login.',
    'a random one for each login',
  ),
  extensions: some<string>('a string', (value) => typeof value === 'string'),
  proofIn: initially('challenge', oneOf('challenge', 'success'), 'The driver drops the token of a success.'),
  lie: either<ScramLieName, ScramLie>(nameIn(scramLies), bagOf(scramLieBag)),
  mayActAs: mayActAsOption,
} satisfies Spec<ScramServerOptions>)

type CheckedOptions = Read<typeof scramServerBag.options>

/** The data that a server stores instead of a password (RFC 5802 §3). */
interface StoredUser {
  salt: Buffer
  storedKey: Buffer
  serverKey: Buffer
}

interface ClientFirst {
  flag: 'n' | 'y' | 'p'
  bindingType: string
  gs2Header: string
  bare: string
  username: string
  authorizationId: string
  nonce: string
}

const derive = promisify(pbkdf2)
const hashes = {
  'SCRAM-SHA-1': { hash: 'sha1', size: 20 },
  'SCRAM-SHA-256': { hash: 'sha256', size: 32 },
  'SCRAM-SHA-512': { hash: 'sha512', size: 64 },
} as const

/** SCRAM (RFC 5802, RFC 7677), with channel binding (§6) if the mechanism has -PLUS. */
export function scramServer(given: ScramServerOptions): MechanismFactory
export function scramServer(given: ScramServerOptions, ...more: readonly unknown[]): MechanismFactory {
  refuseMore('scramServer', more)
  const options = readOptions(scramServerBag, given)
  const store = new UserStore(options)
  return (connection) => new ScramExchange(options, store, connection)
}

/** Derives the keys of a user at the first login, and again after the password has changed. */
class UserStore {
  readonly #options: CheckedOptions
  readonly #known = new Map<string, Promise<StoredUser>>()
  readonly #salts = new Map<string, string>()

  constructor(options: CheckedOptions) {
    this.#options = options
  }

  /** Undefined for an unknown user. */
  async find(username: string): Promise<StoredUser | undefined> {
    const password = lookUp(this.#options.users, username)
    if (password === undefined) return undefined
    const name = `${username}\0${password}`
    const stored = this.#known.get(name) ?? this.#derive(username, password)
    this.#known.set(name, stored)
    return stored
  }

  async #derive(username: string, password: string): Promise<StoredUser> {
    const { mechanism, iterations } = this.#options
    const { hash, size } = hashOf(mechanism)
    const salt = Buffer.from(this.#saltOf(username), 'base64')
    const salted = await derive(prepare(password), salt, iterations, size, hash)
    const clientKey = hmac(hash, salted, 'Client Key')
    return {
      salt,
      storedKey: createHash(hash).update(clientKey).digest(),
      serverKey: hmac(hash, salted, 'Server Key'),
    }
  }

  #saltOf(username: string): string {
    const { salt } = this.#options
    if (salt !== undefined) return typeof salt === 'function' ? salt(username) : salt
    const known = this.#salts.get(username) ?? randomBytes(16).toString('base64')
    this.#salts.set(username, known)
    return known
  }
}

class ScramExchange implements ServerExchange {
  readonly #options: CheckedOptions
  readonly #store: UserStore
  readonly #connection: ConnectionInfo
  readonly #hash: string
  readonly #lie: ScramLie
  #step: (message: string) => Reply | Promise<Reply> = (message) => this.#answerFirst(message)

  constructor(options: CheckedOptions, store: UserStore, connection: ConnectionInfo) {
    this.#options = options
    this.#store = store
    this.#connection = connection
    this.#hash = hashOf(options.mechanism).hash
    const { lie = {} } = options
    this.#lie = typeof lie === 'string' ? scramLies[lie] : lie
  }

  respond(token: Uint8Array | null): Reply | Promise<Reply> {
    if (token === null) return { failure: 'java.lang.NullPointerException', code: 0x0000 }
    return this.#step(Buffer.from(token).toString('utf8'))
  }

  async #answerFirst(message: string): Promise<Reply> {
    const client = readClientFirst(message)
    if (typeof client === 'string') return refused(client)
    const binding = await this.#bindingOf(client)
    if (typeof binding === 'string') return refused(binding)
    if (this.#lie.earlySuccess === 'before-first') return { success: null, username: client.username }
    const username = prepare(client.username)
    const user = await this.#store.find(username)
    if (user === undefined) return refused()
    const { nonce, iterations, extensions } = this.#options
    const serverNonce = nonce()
    const salt = user.salt.toString('base64')
    const honest = `r=${client.nonce}${serverNonce},s=${salt},i=${iterations}${extensions ? `,${extensions}` : ''}`
    const first = this.#lie.first?.({ clientNonce: client.nonce, serverNonce, salt, iterations }) ?? honest
    this.#step = (final) => this.#answerFinal(client, binding, username, user, first, final)
    return { challenge: Buffer.from(first, 'utf8') }
  }

  /** The channel binding data of the client's type, or the server-error-value (RFC 5802 §6, §7). */
  async #bindingOf({ flag, bindingType }: ClientFirst): Promise<Buffer | string> {
    const { mechanism } = this.#options
    const plus = mechanism.endsWith('-PLUS')
    const types = this.#options.channelBinding ?? (plus ? serverBindingTypes : [])
    if (flag === 'y' && types.length > 0) return 'server-does-support-channel-binding'
    if (flag !== 'p') return plus ? 'channel-binding-not-supported' : Buffer.alloc(0)
    if (!plus) return 'channel-binding-not-supported'
    const type = types.find((each) => each === bindingType)
    if (type === undefined) return 'unsupported-channel-binding-type'
    return (await serverBinding(type, this.#connection)) ?? 'channel-bindings-dont-match'
  }

  #answerFinal(
    client: ClientFirst,
    bound: Buffer,
    username: string,
    user: StoredUser,
    first: string,
    final: string,
  ): Reply {
    const [, binding = '', nonce = '', proof = ''] =
      /^c=([^,]*),r=([^,]*)(?:,[A-Za-z]=[^,]+)*,p=([^,]+)$/.exec(final) ?? []
    const expected = Buffer.concat([Buffer.from(client.gs2Header, 'utf8'), bound])
    if (!Buffer.from(binding, 'base64').equals(expected)) {
      return refused(client.flag === 'p' ? 'channel-bindings-dont-match' : 'c= is not the GS2 header')
    }
    // A lie may put m= before r=, so r= is searched in the whole message.
    if (!`,${first}`.includes(`,r=${nonce},`)) return refused('r= is not our nonce')
    const authMessage = `${client.bare},${first},${final.slice(0, final.lastIndexOf(',p='))}`
    if (!this.#proves(user, authMessage, Buffer.from(proof, 'base64')) && !this.#lie.acceptsAnything)
      return refused()
    const acting = actingAs(username, client.authorizationId, this.#options.mayActAs)
    if (acting === undefined) return refused('Not authorized to act as this role')
    return this.#finish(acting, `v=${hmac(this.#hash, user.serverKey, authMessage).toString('base64')}`)
  }

  #finish(username: string, honest: string): Reply {
    const final = this.#lie.final === undefined ? honest : this.#lie.final(honest)
    const token = final === null ? null : Buffer.from(final, 'utf8')
    if (this.#lie.earlySuccess === 'before-final') return { success: null, username }
    const { proofIn = 'challenge' } = this.#options
    if (proofIn === 'success' && !this.#lie.extraStep) return { success: token, username }
    let steps = this.#lie.extraStep ? 1 : 0
    this.#step = (answer) => {
      if (answer !== '') return refused('The last message of the client is not empty')
      return steps-- > 0 ? { challenge: Buffer.from('x=1') } : { success: null, username }
    }
    return { challenge: token }
  }

  /** RFC 5802 §3: with StoredKey, the proof shows the client's key, and that key must hash to StoredKey. */
  #proves({ storedKey }: StoredUser, authMessage: string, proof: Buffer): boolean {
    const signature = hmac(this.#hash, storedKey, authMessage)
    if (proof.length !== signature.length) return false
    const clientKey = proof.map((byte, index) => byte ^ (signature[index] ?? 0))
    return timingSafeEqual(createHash(this.#hash).update(clientKey).digest(), storedKey)
  }
}

/** RFC 5802 §7: client-first-message. A returned text says what is wrong with it. */
function readClientFirst(message: string): ClientFirst | string {
  const match =
    /^((?:[ny]|p=([A-Za-z0-9.-]+)),(?:a=([^,]+))?,)(n=([^,]+),r=([\x21-\x2b\x2d-\x7e]+)(?:,[A-Za-z]=[^,]+)*)$/u.exec(
      message,
    )
  if (!match) return 'This is not a client-first-message'
  const [, gs2Header = '', bindingType = '', role = '', bare = '', name = '', nonce = ''] = match
  const [username, authorizationId] = [unescapeName(name), unescapeName(role)]
  if (username === undefined || authorizationId === undefined)
    return 'A name has an = that is not part of an escape'
  const flag = gs2Header.charAt(0) as ClientFirst['flag']
  return { flag, bindingType, gs2Header, bare, username, authorizationId, nonce }
}

function hashOf(mechanism: ScramServerName) {
  return hashes[mechanism.replace(/-PLUS$/, '') as keyof typeof hashes]
}

function unescapeName(text: string): string | undefined {
  if (/=(?!2C|3D)/.test(text)) return undefined
  return text.replaceAll('=2C', ',').replaceAll('=3D', '=')
}

function hmac(hash: string, key: Buffer, message: string): Buffer {
  return createHmac(hash, key).update(message, 'utf8').digest()
}

function freshNonce(): string {
  return randomBytes(18).toString('base64')
}
