import type { CredentialContext } from './credentials.js'
import { type AuthError, authError } from './errors.js'

/** A message of the server: `null` is "no token", an empty array is "an empty token". */
export type ServerToken = Uint8Array | null

/**
 * The token of AUTH_SUCCESS: `undefined` if the driver dropped it (every released version does), `null` if the server
 * sent none.
 */
export type SuccessToken = Uint8Array | null | undefined

/** What a login can be bound to: RFC 5929 §4 and RFC 9266 §2. */
export type ChannelBindingType = 'tls-server-end-point' | 'tls-exporter'

declare const witness: unique symbol

/**
 * The witness that the server proved itself in this exchange. Only `context.verifyServer` and `context.vouchForServer`
 * make one, so a mechanism with `mutual: true` cannot succeed without it: the code would not compile, and the login is
 * refused at run time.
 */
export interface ServerProof {
  readonly [witness]: true
}

/** What a mechanism gets with its credentials. Vectors replay exactly, with their own context. */
export interface ExchangeContext extends CredentialContext {
  /** Milliseconds since the epoch. */
  now(): number
  randomBytes(size: number): Uint8Array
  /**
   * Compares, in constant time, the proof that the server must send with the one that it sent.
   * `undefined` says that the driver dropped the message which carried it: refused by default, accepted
   * without proof under `serverVerification: 'when-sent'`. Throws SERVER_NOT_VERIFIED.
   */
  verifyServer(expected: Uint8Array, received: SuccessToken): ServerProof
  /**
   * For a mechanism such as Kerberos, where a library checks the proof with keys that it does not hand out: says that
   * the server proved itself. This is the only other way to get a ServerProof, so call it directly after the library's
   * answer.
   */
  vouchForServer(): ServerProof
  /**
   * The channel binding data of the TLS connection that this login is on. `undefined` if the connection cannot be seen
   * (plain TCP, `sslOptions` that are not a profile of @x/tls-profiles, a runtime without the record): that is known
   * before the server sends anything. `null` if the connection has none of this type: that depends on the server.
   */
  channelBinding?(type: ChannelBindingType): Uint8Array | null | undefined
}

/** A message to the server after which it must answer. */
export interface SendStep {
  readonly token: Uint8Array
  readonly onSuccess?: undefined
  readonly failure?: undefined
}

/** A message to the server after which it may end the exchange with success. */
export interface FinishStep<P> {
  readonly token: Uint8Array
  /** Runs synchronously on AUTH_SUCCESS, since nothing asynchronous can stop the driver; throws to refuse. */
  readonly onSuccess: (serverToken: SuccessToken) => P
  readonly failure?: undefined
}

/** A last message to the server; then the exchange fails with `failure`, whatever the server answers. */
export interface FailStep {
  readonly token: Uint8Array
  readonly onSuccess?: undefined
  readonly failure: AuthError
}

export type ClientStep<P = unknown> = SendStep | FinishStep<P> | FailStep

/** The client's side of one exchange: yields its messages, receives the server's. */
export type Conversation<P = unknown> = AsyncGenerator<ClientStep<P>, void, ServerToken>

interface MechanismRecord<C> {
  /**
   * IANA name, such as `SCRAM-SHA-256`: it is not offered to an authenticator that is known to accept only other
   * mechanisms. Your own names begin with `X-`; such a mechanism is offered to every authenticator.
   */
  readonly name: string
  /**
   * False for a login that is not a SASL mechanism, such as that of Amazon Keyspaces: it may have any name, and is
   * offered to every authenticator.
   */
  readonly sasl?: false | undefined
  /** Whether the client's first message carries data; if not, it is zero bytes. */
  readonly clientFirst: boolean
  /** Whether the password crosses the wire readable. If a mechanism does not say, it is assumed. */
  readonly cleartext: boolean
  /**
   * What else crosses the wire readable and helps a thief, as a message names it: `the session token`.
   * `secureClientOptions` then asks for verified TLS, as it does for a password.
   */
  readonly exposes?: string | undefined
  /** The document that defines it, such as `RFC 4616`. */
  readonly spec: string
  /** What makes it weak, in a sentence, if something does. For cleartext see above. */
  readonly weakness?: string | undefined
  /**
   * Codes of the errors by which its first message says that it cannot be used here at all: no ticket, a library that is
   * not installed. A list of mechanisms then goes on to the next one, as it does for CREDENTIALS_NOT_CONFIGURED.
   */
  readonly unavailable?: readonly string[] | undefined
  /**
   * Those of `unavailable` that may come from outside this machine, such as from a KDC. They do not lead from a
   * mechanism that keeps the secret off the wire to one that sends it readable, unless `allowDowngradeToCleartext` says
   * so.
   */
  readonly hearsay?: readonly string[] | undefined
  /**
   * Checks credentials and brings them into the form that `converse` takes. Called at construction for a
   * value, else for each answer of the source. Throws CREDENTIALS_INVALID.
   */
  parseCredentials(value: unknown): C
  /** What protocol version 1 sends in CREDENTIALS; absent or undefined if that cannot carry them. */
  protocolV1?(credentials: C): { readonly username: string; readonly password: string } | undefined
  /**
   * What LOGIN_REFUSED means if this mechanism logged in, for `findAuthError`: another AuthError with its own code,
   * endpoint and cause, or undefined if there is nothing more to say. `cause` has the server's words, which may repeat
   * a secret.
   */
  explainRefusal?(refused: AuthError): AuthError | undefined
}

/** A mechanism in which only the client proves itself. */
export interface OneWayMechanism<C> extends MechanismRecord<C> {
  readonly mutual: false
  converse(credentials: C, context: ExchangeContext): Conversation<void>
}

/** A mechanism in which the server proves itself too. */
export interface MutualMechanism<C> extends MechanismRecord<C> {
  readonly mutual: true
  converse(credentials: C, context: ExchangeContext): Conversation<ServerProof>
}

export type Mechanism<C> = OneWayMechanism<C> | MutualMechanism<C>

/** `yield send(token)`: the server must answer; success at this point is refused (UNEXPECTED_SUCCESS). */
export function send(token: Uint8Array): SendStep {
  return { token }
}

/**
 * `yield giveUp(token, error)`: the server gets a last message, as RFC 7628 asks for after a refusal, and the exchange
 * fails. With `throw`, the server would get no message. After `send`, the driver would report the server's own refusal
 * and not the error.
 */
export function giveUp(token: Uint8Array, failure: AuthError): FailStep {
  return { token, failure }
}

/**
 * `yield finish(token)`: the server may end here, or go on with a challenge. A mutual mechanism gives `verify`, which
 * returns the ServerProof, either of this message or of an earlier challenge. Without `verify`, the data of the success
 * is not checked: use `withoutData` if the specification has none.
 */
export function finish(token: Uint8Array): FinishStep<void>
export function finish<P>(token: Uint8Array, verify: (serverToken: SuccessToken) => P): FinishStep<P>
export function finish(
  token: Uint8Array,
  verify: (serverToken: SuccessToken) => unknown = () => undefined,
): FinishStep<unknown> {
  return { token, onSuccess: verify }
}

/**
 * `yield finish(token, withoutData(() => …))`, for a mechanism whose success has no data (RFC 4422 §5), or whose server
 * has sent its last message before. A server that adds data follows another mechanism, or contradicts itself. If the
 * driver drops the data, nothing can be checked. Throws CHALLENGE_INVALID.
 */
export function withoutData<P>(verify: () => P): (serverToken: SuccessToken) => P {
  return (serverToken) => {
    if (!serverToken?.length) return verify()
    throw authError(
      'CHALLENGE_INVALID',
      'The success of the server carries data, where the mechanism has none.',
    )
  }
}
