import { randomBytes } from 'node:crypto'
import { type AuthError, isAuthError } from '@x/auth-core'
import {
  authError,
  type ClientStep,
  type ExchangeContext,
  type Mechanism,
  type ServerProof,
  type ServerToken,
  type SuccessToken,
} from '@x/auth-core/base'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

export const bytes = (text: string) => Buffer.from(text, 'utf8')

export interface ConversationOptions {
  /** The client's nonce, where the test needs to know it. */
  readonly nonce?: string | undefined
  readonly serverVerification?: 'required' | 'when-sent'
  readonly signal?: AbortSignal
  /** Told of each look at the signal, which costs a login something. */
  readonly onSignal?: (() => void) | undefined
  readonly now?: number
  readonly endpoint?: string
  readonly authenticator?: string
  /** The channel binding data of the connection. Default: it cannot be seen. */
  readonly binding?: Buffer | null | undefined
}

/** The context of an exchange, with a verifier that shares no code with the one of the adapter. */
export function contextOf(options: ConversationOptions = {}): ExchangeContext {
  const { nonce, serverVerification = 'required', endpoint = '10.0.0.1:9042' } = options
  const signal = options.signal ?? new AbortController().signal
  return {
    endpoint,
    address: endpoint.slice(0, endpoint.lastIndexOf(':')),
    port: 9042,
    authenticator: options.authenticator ?? 'org.example.SaslAuthenticator',
    get signal() {
      options.onSignal?.()
      return signal
    },
    now: () => options.now ?? 0,
    // Six bits of each byte become a character of the nonce.
    randomBytes: (size) =>
      nonce === undefined
        ? randomBytes(size)
        : Uint8Array.from(nonce, (character) => alphabet.indexOf(character)),
    verifyServer: (expected, received) => {
      const dropped = received === undefined && serverVerification === 'when-sent'
      const right = received && Buffer.compare(expected, received) === 0
      if (dropped || right) return {} as ServerProof
      throw authError('SERVER_NOT_VERIFIED')
    },
    vouchForServer: () => ({}) as ServerProof,
    channelBinding: () => options.binding,
  }
}

/** Plays the server against a mechanism's generator, without an adapter between. */
export function converse(mechanism: Mechanism<unknown>, credentials: object, options?: ConversationOptions) {
  const conversation = mechanism.converse(mechanism.parseCredentials(credentials), contextOf(options))
  let step: ClientStep | undefined
  async function next(token: ServerToken): Promise<Buffer> {
    const { value } = await conversation.next(token)
    step = value ?? undefined
    if (!step) throw authError('UNEXPECTED_CHALLENGE')
    return Buffer.from(step.token)
  }
  return {
    /** The client's first message. */
    first: () => next(null),
    /** Sends a challenge and returns the client's answer. */
    challenge: (token: ServerToken | string) => next(typeof token === 'string' ? bytes(token) : token),
    /** The error that the client ends with after its last message, if it gives up. */
    failure: () => step?.failure,
    /** Ends with success, as the driver would tell it: synchronously. */
    succeed(token: SuccessToken | string): void {
      if (!step?.onSuccess) throw authError('UNEXPECTED_SUCCESS')
      step.onSuccess(typeof token === 'string' ? bytes(token) : token)
    },
  }
}

/** The error that `action` ends with, which must be one of ours. */
export async function errorOf(action: () => unknown): Promise<AuthError> {
  try {
    await action()
  } catch (error) {
    if (isAuthError(error)) return error
    throw error
  }
  throw new Error('expected an AuthError, and there was none')
}

export async function codeOf(action: () => unknown): Promise<string> {
  return (await errorOf(action)).code
}
