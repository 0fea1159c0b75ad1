import { createHmac, randomBytes } from 'node:crypto'
import type { MechanismFactory } from '../dse-authenticator.js'
import { textsOption } from '../lib/options/common-options.js'
import { callback, optionBag, readOptions, refuseMore, type Spec } from '../lib/options/option-spec.js'
import { type GssapiServerOptions, gssapiServer } from './gssapi.js'
import { contextToken, readContextToken, SessionKey } from './gssapi-tokens.js'

/** Options of `pretendKerberos`. */
export interface PretendKerberosOptions {
  /**
   * The principals that have tickets; the ticket cache belongs to the first. Default `user`, and any principal that is
   * requested.
   */
  principals?: readonly string[] | undefined
  /** The servers that the KDC knows, such as `cassandra@node1.example.com`. Default: any. */
  servers?: readonly string[] | undefined
  /**
   * Called for each ticket, instead of a KDC. It throws the errors of libkrb5, such as `new Error('Ticket expired')`.
   * Until its promise settles, the KDC does not answer. Default: it grants every ticket.
   */
  kdc?: ((request: TicketRequest) => void | Promise<void>) | undefined
}

export const pretendKerberosBag = optionBag('pretendKerberos', {
  principals: textsOption('a list of principals'),
  servers: textsOption('a list of service@host'),
  kdc: callback<NonNullable<PretendKerberosOptions['kdc']>>(),
} satisfies Spec<PretendKerberosOptions>)

/** The request for a ticket. */
export interface TicketRequest {
  readonly principal: string
  /** `service@host` */
  readonly server: string
}

/** The part of npm `kerberos` that a login needs. Pass it to a client instead of that package. */
export interface PretendKerberosModule {
  initializeClient(
    server: string,
    options?: { principal?: string; flags?: number; mechOID?: number },
  ): Promise<PretendKerberosClient>
}

/** The client's side of one security context; bytes are base64. */
export interface PretendKerberosClient {
  readonly contextComplete: boolean
  step(challenge: string): Promise<string | null>
  unwrap(challenge: string): Promise<string>
  wrap(challenge: string, options?: { user?: string; protect?: boolean }): Promise<string>
}

/** Made by `pretendKerberos`. */
export interface PretendKerberos {
  /** Use it instead of npm `kerberos`. It has the same behaviour and the same bugs. */
  readonly kerberos: PretendKerberosModule
  /** The server side of GSSAPI (RFC 4752). */
  server(options?: GssapiServerOptions): MechanismFactory
  /** Actions that would have ended the process, or sent its memory to the server, with npm `kerberos` 7.0.0. */
  readonly crashes: readonly string[]
  /** Every request to the KDC, in order. A ticket in the cache is not requested again. */
  readonly requests: readonly TicketRequest[]
  /** Empties the ticket cache, as kdestroy does. */
  destroyTickets(): void
}

/** GSS_C_MUTUAL_FLAG */
const mutualFlag = 2

/** The space that npm `kerberos` has for a user name. The rest of a longer authorization id is lost without an error. */
const userBytes = 4_091

/**
 * Kerberos without a KDC, keys, tickets or native code: both sides of GSSAPI in one process. Its tokens have the form
 * of real ones. A login gives the same bytes each time, so that it can be replayed. Use it only in tests: it protects
 * nothing.
 */
export function pretendKerberos(given?: PretendKerberosOptions): PretendKerberos
export function pretendKerberos(
  given?: PretendKerberosOptions,
  ...more: readonly unknown[]
): PretendKerberos {
  refuseMore('pretendKerberos', more)
  const options = readOptions(pretendKerberosBag, given)
  const secret = randomBytes(32)
  const crashes: string[] = []
  const requests: TicketRequest[] = []
  const cache = new Set<string>()
  const keyOf = (ticket: string) => new SessionKey(createHmac('sha256', secret).update(ticket).digest())
  const kerberos: PretendKerberosModule = {
    async initializeClient(server, { principal, flags = mutualFlag } = {}) {
      if (typeof server !== 'string') throw new TypeError('parameter `service` must be a string.')
      if (server === '') throw new Error('An invalid name was supplied: Unknown error')
      const { principals } = options
      const client = principal ?? principals?.[0] ?? 'user'
      if (principals && !principals.includes(client)) {
        throw new Error(`${noCredentials}Can't find client principal ${client} in cache collection`)
      }
      const ticket = `${client}\0${server}`
      const ask = async () => {
        if (cache.has(ticket)) return ticket
        const request = { principal: client, server }
        requests.push(request)
        await options.kdc?.(request)
        if (options.servers && !options.servers.includes(server)) {
          throw new Error(
            `${unspecified}Server ${server.replace('@', '/')}@EXAMPLE.TEST not found in Kerberos database`,
          )
        }
        cache.add(ticket)
        return ticket
      }
      return new Context(ask, keyOf, (flags & mutualFlag) !== 0, (what) => crashes.push(what))
    },
  }
  return {
    kerberos,
    crashes,
    requests,
    destroyTickets: () => cache.clear(),
    server: (choices = {}) => gssapiServer(keyOf, choices),
  }
}

const unspecified = 'Unspecified GSS failure.  Minor code may provide more information: '
const noCredentials = 'No credentials were supplied, or the credentials were unavailable or inaccessible: '

/** Behaves like npm `kerberos` 7.0.0 on MIT krb5 1.20. If that would end the process, a promise rejects instead. */
class Context implements PretendKerberosClient {
  readonly #ask: () => Promise<string>
  readonly #keyOf: (ticket: string) => SessionKey
  readonly #mutual: boolean
  readonly #crashed: (what: string) => void
  #key: SessionKey | undefined
  #complete = false

  constructor(
    ask: () => Promise<string>,
    keyOf: (ticket: string) => SessionKey,
    mutual: boolean,
    crashed: (what: string) => void,
  ) {
    this.#ask = ask
    this.#keyOf = keyOf
    this.#mutual = mutual
    this.#crashed = crashed
  }

  get contextComplete(): boolean {
    return this.#complete
  }

  async step(challenge: string): Promise<string | null> {
    if (this.#key) return this.#readReply(decoded(challenge), this.#key)
    const ticket = await this.#ask()
    this.#key = this.#keyOf(ticket)
    this.#complete = !this.#mutual
    return contextToken('ticket', Buffer.from(`${this.#mutual ? 'mutual' : 'one-way'}\0${ticket}`)).toString(
      'base64',
    )
  }

  async unwrap(challenge: string): Promise<string> {
    const payload = this.#established().unwrap(decoded(challenge), 'server')
    if (payload === undefined)
      throw new Error('A token had an invalid Message Integrity Check (MIC): Unknown error')
    if (payload.length === 0) this.#crash('unwrap: a token whose payload is empty')
    return payload.toString('base64')
  }

  async wrap(
    challenge: string,
    { user = '', protect = false }: { user?: string; protect?: boolean } = {},
  ): Promise<string> {
    const key = this.#established()
    const given = decoded(challenge)
    if (given.length === 0) this.#crash('wrap: nothing to wrap')
    if (given.length < 4)
      this.#crash(`wrap: ${4 - given.length} bytes of the process's memory in the message`)
    const size = given.subarray(1, 4)
    const payload = Buffer.concat([Buffer.of(1), size, Buffer.from(user, 'utf8').subarray(0, userBytes)])
    return key.wrap(payload, 'client', { sealed: protect }).toString('base64')
  }

  #readReply(token: Buffer, key: SessionKey): null {
    const reply = readContextToken(token)
    if (reply?.kind === 'error') throw new Error(`${unspecified}${reply.body.toString('utf8')}`)
    const right = reply?.kind === 'reply' && key.proof('server').equals(reply.body)
    if (!right || this.#complete) throw new Error('Invalid token was supplied: Success')
    this.#complete = true
    return null
  }

  #established(): SessionKey {
    if (this.#key && this.#complete) return this.#key
    throw new Error('No context has been established: Attempt to use incomplete security context')
  }

  #crash(what: string): never {
    this.#crashed(what)
    throw new Error(`npm kerberos would have ended the process: ${what}`)
  }
}

function decoded(text: string): Buffer {
  if (typeof text !== 'string') throw new TypeError('parameter `challenge` must be a string.')
  return Buffer.from(text, 'base64')
}
