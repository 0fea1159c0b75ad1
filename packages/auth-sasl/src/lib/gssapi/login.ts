import { access, constants } from 'node:fs/promises'
import type { AuthError } from '@x/auth-core'
import { abortable, authError, type ServerToken } from '@x/auth-core/base'
import { saslError } from '../../errors.js'
import { empty } from '../bytes.js'
import type { KerberosEnvironment } from './environment.js'
import { isExpiry, serverFailure, ticketFailure } from './kerberos-failure.js'
import type { KerberosClient, KerberosModule } from './kerberos-module.js'
import { loadKerberos } from './load-kerberos.js'
import { hasNoCredentials } from './local-credentials.js'
import { type Place, processQueue } from './ticket-queue.js'
import { checkContextToken, checkOffer, checkWrapToken, isKerberosError } from './tokens.js'

/** GSS_C_MUTUAL_FLAG and GSS_C_SEQUENCE_FLAG (RFC 2744): npm `kerberos` reads them from `flags`, whatever its types say. */
const mutualAndSequence = 2 | 8

/** The name of Kerberos 5 among the constants of npm `kerberos`, GSS_MECH_OID_KRB5. */
const krb5 = 9

/** RFC 4752 §3.1: no security layer (1), and so no largest message. npm `kerberos` sets the first byte. */
const noLayerAnswer = Buffer.alloc(4).toString('base64')

/** A request for a ticket. */
export interface TicketRequest {
  /** Default: the installed package. */
  readonly kerberos: KerberosModule | undefined
  /** `service@host`, a host-based name (RFC 2743 §4.1). */
  readonly server: string
  readonly principal: string | undefined
  readonly environment: KerberosEnvironment
  /** How long the KDC and the queue may take. */
  readonly boundMs: number
  readonly signal: AbortSignal
}

/** The client's side of one GSSAPI login; every message of the server is checked before the native code sees it. */
export class GssapiLogin {
  /** RFC 4752 §3.1: the initial response. */
  readonly firstMessage: Uint8Array
  readonly #client: KerberosClient
  readonly #server: string
  readonly #signal: AbortSignal

  private constructor(client: KerberosClient, firstMessage: Uint8Array, { server, signal }: TicketRequest) {
    this.#client = client
    this.firstMessage = firstMessage
    this.#server = server
    this.#signal = signal
  }

  /**
   * Gets a ticket for the server, from the cache or from a KDC.
   * Errors: KERBEROS_KDC_TIMEOUT, KERBEROS_KEYTAB_UNREADABLE, and those of `loadKerberos` and `ticketFailure`.
   */
  static async begin(request: TicketRequest): Promise<GssapiLogin> {
    const { server, principal, environment } = request
    await checkKeytab(environment.KRB5_CLIENT_KTNAME)
    const kerberos = request.kerberos ?? loadKerberos()
    const place = processQueue().enter({
      key: JSON.stringify([server, principal, environment]),
      environment,
      work: () => getTicket(kerberos, request),
    })
    const { client, token } = await patiently(place, request)
    // A context that is complete before the server has sent anything has no mutual authentication.
    if (client.contextComplete) throw notVerified(server, 'Kerberos did not ask the server for a proof.')
    return new GssapiLogin(client, decoded(token, server), request)
  }

  /** The server's proof that it could read the ticket; the answer has no bytes. */
  async readReply(token: ServerToken): Promise<Uint8Array> {
    const bytes = checkContextToken(token)
    const answer = await this.#native(this.#client.step(bytes.toString('base64')), (cause) =>
      isKerberosError(bytes)
        ? serverFailure(cause, this.#server)
        : notVerified(
            this.#server,
            "The server's answer to the ticket was not made with the ticket's key.",
            cause,
          ),
    )
    if (!this.#client.contextComplete) {
      throw authError('CHALLENGE_INVALID', "The server's answer does not complete the security context.")
    }
    return answer ? Buffer.from(answer, 'base64') : empty
  }

  /** Reads the layers that the server offers, chooses none, and sends `authorizationId`. */
  async answerOffer(token: ServerToken, authorizationId: string): Promise<Uint8Array> {
    const bytes = checkWrapToken(token)
    const offer = await this.#native(this.#client.unwrap(bytes.toString('base64')), (cause) =>
      notVerified(
        this.#server,
        "The server's offer of security layers was not made with the session's key.",
        cause,
      ),
    )
    checkOffer(Buffer.from(offer, 'base64'))
    const answer = await this.#native(this.#client.wrap(noLayerAnswer, { user: authorizationId }), (cause) =>
      ticketFailure(cause, { server: this.#server, keytab: undefined }),
    )
    return decoded(answer, this.#server)
  }

  /** Calls that need no KDC, and therefore no place in the queue. */
  #native<T>(call: Promise<T>, explain: (cause: unknown) => Error): Promise<T> {
    const explained = call.catch((cause: unknown) => {
      throw explain(cause)
    })
    return abortable(explained, this.#signal)
  }
}

/** One piece of work, since libkrb5 reads the environment in both calls; no later call reads it. */
async function getTicket(kerberos: KerberosModule, { server, principal, environment }: TicketRequest) {
  try {
    const client = await kerberos.initializeClient(server, {
      ...(principal !== undefined && { principal }),
      flags: mutualAndSequence,
      mechOID: krb5,
    })
    return { client, token: await client.step('') }
  } catch (cause) {
    const error = ticketFailure(cause, { server, keytab: environment.KRB5_CLIENT_KTNAME })
    throw error.code === 'KERBEROS_NO_CREDENTIALS' ? await confirmed(error, environment) : error
  }
}

/** Only this machine decides that there are no credentials: the text may come from a KDC, and anybody can act as a KDC. */
async function confirmed(error: AuthError, environment: KerberosEnvironment): Promise<AuthError> {
  if (await hasNoCredentials(environment)) return error
  const { kerberos } = error.details
  const problem = `Kerberos reports no credentials (${kerberos}), and this cannot be confirmed here.`
  return saslError('KERBEROS_CREDENTIALS_UNUSABLE', problem, { details: error.details })
}

/** The result, within the time limit. Native code that has begun goes on, and keeps its place. */
async function patiently<T>(place: Place<T>, { boundMs, server, signal }: TicketRequest): Promise<T> {
  const bound = new AbortController()
  const timer = setTimeout(() => bound.abort(tooLate(place.started(), boundMs, server)), boundMs)
  try {
    return await abortable(abortable(place.result, bound.signal), signal)
  } finally {
    clearTimeout(timer)
    place.leave()
  }
}

function notVerified(server: string, problem: string, cause?: unknown) {
  if (isExpiry(cause)) return ticketFailure(cause, { server, keytab: undefined })
  return saslError('KERBEROS_SERVER_NOT_VERIFIED', problem, { details: { server }, cause })
}

function tooLate(asked: boolean, boundMs: number, server: string) {
  const why = asked
    ? 'The KDC did not answer'
    : 'Earlier requests for tickets are still running and cannot be stopped, so this request did not start'
  return saslError('KERBEROS_KDC_TIMEOUT', `${why} within ${boundMs} ms, for ${server}.`, {
    details: { server, state: asked ? 'asked' : 'waiting' },
  })
}

/** If libkrb5 cannot read a keytab, it says only that there are no credentials. */
async function checkKeytab(keytab: string | undefined): Promise<void> {
  if (keytab === undefined) return
  const [type] = /^[A-Z]+(?=:)/.exec(keytab) ?? ['FILE']
  if (type !== 'FILE') return
  const path = keytab.replace(/^FILE:/, '')
  await access(path, constants.R_OK).catch((cause: unknown) => {
    const { code } = cause as { code?: string }
    throw saslError('KERBEROS_KEYTAB_UNREADABLE', `The keytab ${path} cannot be read: ${code}.`, { cause })
  })
}

function decoded(token: string | null, server: string): Buffer {
  if (typeof token === 'string' && token !== '') return Buffer.from(token, 'base64')
  throw saslError('GSSAPI_FAILED', `Kerberos made no message for ${server}.`, { details: { server } })
}
