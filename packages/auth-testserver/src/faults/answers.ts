import type { CqlErrorFields } from '../cql-errors.js'
import { cqlErrorFieldsBag, cqlErrors } from '../cql-errors.js'
import type { AtOption, Fault } from '../fault.js'
import { atOption, once } from '../fault.js'
import { tokenOption } from '../lib/options/common-options.js'
import {
  bagOf,
  initially,
  oneOf,
  optionBag,
  readOptions,
  refuseMore,
  type Spec,
  some,
} from '../lib/options/option-spec.js'
import type { LoginMessage } from '../lib/wire/messages.js'

/** Options of a success without a login. */
export interface EarlySuccessOptions extends AtOption {
  /** The message: READY (9 bytes, no body) or AUTH_SUCCESS (13 bytes and the token). Default AUTH_SUCCESS. */
  message?: 'READY' | 'AUTH_SUCCESS' | undefined
  /** Token of AUTH_SUCCESS. Default null, the length -1. */
  token?: Uint8Array | null | undefined
}

export const earlySuccessBag = optionBag('earlySuccess', {
  at: { ...atOption, initial: 'startup', why: 'The server has not asked for a login yet.' },
  message: initially('AUTH_SUCCESS', oneOf('READY', 'AUTH_SUCCESS'), 'A login waits for this message.'),
  token: initially(null, tokenOption, 'The same as PasswordAuthenticator.', 'none'),
} satisfies Spec<EarlySuccessOptions>)

/**
 * READY or AUTH_SUCCESS without asking the authenticator; then the connection works. Default: directly after STARTUP.
 * With `at: 'response'`: after the first response, whatever it contains.
 */
export function earlySuccess(options?: EarlySuccessOptions): Fault
export function earlySuccess(options?: EarlySuccessOptions, ...more: readonly unknown[]): Fault {
  refuseMore('earlySuccess', more)
  const { at, message, token } = readOptions(earlySuccessBag, options)
  const success: LoginMessage = message === 'READY' ? { type: 'READY' } : { type: 'AUTH_SUCCESS', token }
  return once(`earlySuccess(${message})`, at, () => ({ do: 'reply', message: success }))
}

/** What `challengeForever` sends. */
export interface ChallengeForeverOptions {
  /** The token. Default the four bytes `more`; null is the length -1. */
  token?: Uint8Array | null | undefined
}

export const challengeForeverBag = optionBag('challengeForever', {
  token: initially(Buffer.from('more'), tokenOption, 'Some bytes that no mechanism understands.', '`more`'),
} satisfies Spec<ChallengeForeverOptions>)

/**
 * Answers every response with the same AUTH_CHALLENGE, without end: 13 bytes and the token (default the four bytes
 * `more`; null is the length -1).
 */
export function challengeForever(options?: ChallengeForeverOptions): Fault
export function challengeForever(options?: ChallengeForeverOptions, ...more: readonly unknown[]): Fault {
  refuseMore('challengeForever', more)
  const { token } = readOptions(challengeForeverBag, options)
  return {
    name: 'challengeForever',
    act: ({ point }) =>
      point === 'response' ? { do: 'reply', message: { type: 'AUTH_CHALLENGE', token } } : undefined,
  }
}

export const nullChallengeBag = optionBag('nullChallenge', { at: atOption } satisfies Spec<AtOption>)
export const emptyChallengeBag = optionBag('emptyChallenge', { at: atOption } satisfies Spec<AtOption>)

/**
 * Answers the first response with an AUTH_CHALLENGE whose token is null (13 bytes, length -1); then the login goes on
 * normally.
 */
export function nullChallenge(options?: AtOption): Fault {
  const { at } = readOptions(nullChallengeBag, options)
  return once('nullChallenge', at, () => ({ do: 'reply', message: { type: 'AUTH_CHALLENGE', token: null } }))
}

/** Answers the first response with an AUTH_CHALLENGE of zero bytes (13 bytes, length 0); then the login goes on normally. */
export function emptyChallenge(options?: AtOption): Fault {
  const { at } = readOptions(emptyChallengeBag, options)
  const message: LoginMessage = { type: 'AUTH_CHALLENGE', token: new Uint8Array(0) }
  return once('emptyChallenge', at, () => ({ do: 'reply', message }))
}

/** If the authenticator accepts the login, the client gets READY (9 bytes, no body) instead of AUTH_SUCCESS. */
export function readyInsteadOfSuccess(): Fault {
  return {
    name: 'readyInsteadOfSuccess',
    act: async (moment) => {
      if (moment.point !== 'response') return undefined
      const reply = await moment.reply()
      if (reply.type !== 'AUTH_SUCCESS') return undefined
      const { username } = reply
      return {
        do: 'reply',
        message: username === undefined ? { type: 'READY' } : { type: 'READY', username },
      }
    },
  }
}

/** Text and further fields of an ERROR. */
export interface ErrorOfOptions extends AtOption {
  /** The text. Default: Cassandra's usual text for the code. */
  message?: string | undefined
  /** The fields after the text. Default: see `CqlErrorFields`. */
  fields?: CqlErrorFields | undefined
}

export const errorOfBag = optionBag('errorOf', {
  at: atOption,
  message: some<string>('the text of an ERROR', (value) => typeof value === 'string'),
  fields: bagOf(cqlErrorFieldsBag),
} satisfies Spec<ErrorOfOptions>)

/**
 * ERROR with this code and the body of the specification: 9 bytes of header, code, message, and the fields in the table
 * `cqlErrors`. Default: instead of the answer to the first response. Throws RangeError for an unknown code.
 */
export function errorOf(code: number, options?: ErrorOfOptions): Fault
export function errorOf(code: number, options?: ErrorOfOptions, ...more: readonly unknown[]): Fault {
  refuseMore('errorOf', more, 'a code and one object with options')
  const { at, message, fields } = readOptions(errorOfBag, options)
  const kind = cqlErrors.get(code)
  if (kind === undefined) throw new RangeError(`0x${code.toString(16)} is not a CQL error code`)
  const error: LoginMessage = { type: 'ERROR', code, message: message ?? kind.message, fields: fields ?? {} }
  return once(`errorOf(0x${code.toString(16).padStart(4, '0')})`, at, () => ({ do: 'reply', message: error }))
}
