import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CqlErrorFields } from './cql-errors.js'
import { cqlErrors } from './cql-errors.js'
import type { Fault, FaultAction, FaultMoment, FaultMomentOption } from './fault.js'
import { isAt } from './fault.js'
import type { LoginMessage } from './lib/messages.js'

/** A fault that does one thing at one moment. */
function once(name: string, at: FaultMomentOption, action: (moment: FaultMoment) => FaultAction): Fault {
  return { name, act: (moment) => (isAt(moment, at) ? action(moment) : undefined) }
}

/** When a fault strikes. */
export interface AtOption {
  /** Each fault has its own default. */
  at?: FaultMomentOption
}

/** STARTUP is never answered: 0 bytes from the server. */
export function silentBeforeAuthenticate(): Fault {
  return { name: 'silentBeforeAuthenticate', act: ({ point }) => silentAt(point !== 'connect') }
}

/**
 * AUTHENTICATE is the last thing sent: 9 bytes of header, then the class name with its length. Responses are neither
 * answered nor shown to the authenticator.
 */
export function silentAfterAuthenticate(): Fault {
  return { name: 'silentAfterAuthenticate', act: ({ point }) => silentAt(point === 'response') }
}

/**
 * The authenticator sees the response of that round (default 1) and decides; its answer is lost, and so are all
 * later ones: 0 bytes from there on.
 */
export function silentAfterResponse({ round = 1 }: { round?: number } = {}): Fault {
  return {
    name: 'silentAfterResponse',
    act: async (moment) => {
      if (moment.point !== 'response' || moment.round < round) return undefined
      if (moment.round === round) await moment.reply()
      return { do: 'silence' }
    },
  }
}

function silentAt(silent: boolean): FaultAction | undefined {
  return silent ? { do: 'silence' } : undefined
}

/** Waits; rejects or resolves early when the signal aborts. */
export type Delay = (ms: number, signal: AbortSignal) => Promise<unknown>

const realDelay: Delay = (ms, signal) => sleep(ms, undefined, { signal })

/**
 * The regular answer, whole and correct, `ms` milliseconds late (default: the answer to the first response). `delay`
 * takes the place of the clock in tests.
 */
export function late(
  ms: number,
  { at = 'response', delay = realDelay }: AtOption & { delay?: Delay } = {},
): Fault {
  return {
    name: `late(${ms})`,
    act: async (moment) => {
      if (!isAt(moment, at)) return undefined
      await delay(ms, moment.signal).catch((error: unknown) => {
        if (!moment.signal.aborted) throw error
      })
      return moment.signal.aborted ? { do: 'silence' } : undefined
    },
  }
}

/** The server closes its side in order (FIN): 0 bytes. Default: instead of the answer to the first response. */
export function fin({ at = 'response' }: AtOption = {}): Fault {
  return once('fin', at, () => ({ do: 'fin' }))
}

/** The server resets the connection (RST): 0 bytes. Default: instead of the answer to the first response. */
export function rst({ at = 'response' }: AtOption = {}): Fault {
  return once('rst', at, () => ({ do: 'rst' }))
}

/**
 * `length` bytes (default 64) that are no protocol: SHA-256 of `seed:0`, `seed:1` … one after another, so that the
 * same seed (default 1) gives the same bytes everywhere. The connection stays open.
 */
export function randomBytes({
  seed = 1,
  length = 64,
  at = 'response',
}: AtOption & { seed?: number; length?: number } = {}): Fault {
  return once(`randomBytes(${seed}, ${length})`, at, () => ({
    do: 'write',
    bytes: seededBytes(seed, length),
  }))
}

/** The bytes that `randomBytes` sends. */
export function seededBytes(seed: number, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, block) =>
    createHash('sha256').update(`${seed}:${block}`).digest(),
  )
  return Buffer.concat(blocks).subarray(0, length)
}

/**
 * The regular answer's header with the length field 7f ff ff ff (2 GiB - 1, the most that a client can read as
 * positive), then `sent` bytes of body (default 64, all zero), then nothing more.
 */
export function frameOf2GiB({ at = 'response', sent = 64 }: AtOption & { sent?: number } = {}): Fault {
  return {
    name: 'frameOf2GiB',
    act: async (moment) => {
      if (!isAt(moment, at)) return undefined
      const frame = moment.encode(await moment.reply())
      const header = frame.subarray(0, moment.connection.protocolVersion < 3 ? 8 : 9)
      header.writeUInt32BE(0x7fffffff, header.length - 4)
      return { do: 'write', bytes: Buffer.concat([header, Buffer.alloc(sent)]) }
    },
  }
}

/**
 * The first `bytes` bytes (default 5, less than a header) of the regular answer. With `then` `'fin'` or `'rst'` the
 * connection ends there; by default it stays open.
 */
export function truncatedFrame({
  at = 'response',
  bytes = 5,
  then,
}: AtOption & { bytes?: number; then?: 'fin' | 'rst' } = {}): Fault {
  return {
    name: `truncatedFrame(${bytes})`,
    act: async (moment) => {
      if (!isAt(moment, at)) return undefined
      const frame = moment.encode(await moment.reply())
      // Never the whole frame, however much is asked for.
      const cut = frame.subarray(0, Math.min(bytes, frame.length - 1))
      return then === undefined ? { do: 'write', bytes: cut } : { do: 'write', bytes: cut, then }
    },
  }
}

/** Success that nobody has earned. */
export interface EarlySuccessOptions extends AtOption {
  /** READY (9 bytes, no body) or AUTH_SUCCESS (13 bytes and the token). Default AUTH_SUCCESS. */
  message?: 'READY' | 'AUTH_SUCCESS'
  /** Token of AUTH_SUCCESS. Default null, the length -1. */
  token?: Uint8Array | null
}

/**
 * READY or AUTH_SUCCESS without asking the authenticator; the connection then works. Default: straight after
 * STARTUP; `at: 'response'`: after the first response, whatever it says.
 */
export function earlySuccess({
  at = 'startup',
  message = 'AUTH_SUCCESS',
  token = null,
}: EarlySuccessOptions = {}): Fault {
  const success: LoginMessage = message === 'READY' ? { type: 'READY' } : { type: 'AUTH_SUCCESS', token }
  return once(`earlySuccess(${message})`, at, () => ({ do: 'reply', message: success }))
}

/**
 * Every response is answered with the same AUTH_CHALLENGE, without end: 13 bytes and the token (default the four
 * bytes `more`; null: the length -1).
 */
export function challengeForever({ token = Buffer.from('more') }: { token?: Uint8Array | null } = {}): Fault {
  return {
    name: 'challengeForever',
    act: ({ point }) =>
      point === 'response' ? { do: 'reply', message: { type: 'AUTH_CHALLENGE', token } } : undefined,
  }
}

/** The first response is answered with AUTH_CHALLENGE whose token is null (13 bytes, length -1); then as usual. */
export function nullChallenge({ at = 'response' }: AtOption = {}): Fault {
  return once('nullChallenge', at, () => ({ do: 'reply', message: { type: 'AUTH_CHALLENGE', token: null } }))
}

/** The first response is answered with AUTH_CHALLENGE of zero bytes (13 bytes, length 0); then as usual. */
export function emptyChallenge({ at = 'response' }: AtOption = {}): Fault {
  const message: LoginMessage = { type: 'AUTH_CHALLENGE', token: new Uint8Array(0) }
  return once('emptyChallenge', at, () => ({ do: 'reply', message }))
}

/** Where the authenticator says success the client gets READY (9 bytes, no body) instead of AUTH_SUCCESS. */
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

/** Words and extra fields of an ERROR. */
export interface ErrorOfOptions extends AtOption {
  /** Default: Cassandra's typical words for the code. */
  message?: string
  /** Default: see `CqlErrorFields`. */
  fields?: CqlErrorFields
}

/**
 * ERROR with this code and the body that the specification gives it: 9 bytes of header, code, message, the fields of
 * the table `cqlErrors`. Default: instead of the answer to the first response. Throws RangeError for an unknown code.
 */
export function errorOf(code: number, { at = 'response', message, fields }: ErrorOfOptions = {}): Fault {
  const kind = cqlErrors[code]
  if (kind === undefined) throw new RangeError(`0x${code.toString(16)} is no CQL error code`)
  const error: LoginMessage = { type: 'ERROR', code, message: message ?? kind.message, fields: fields ?? {} }
  return once(`errorOf(0x${code.toString(16).padStart(4, '0')})`, at, () => ({ do: 'reply', message: error }))
}
