import type { ConnectionInfo } from './authenticator.js'
import { either } from './lib/options/common-options.js'
import {
  bagOf,
  initially,
  type Option,
  oneOf,
  optionBag,
  required,
  whole,
} from './lib/options/option-spec.js'
import type { LoginMessage } from './lib/wire/messages.js'

/**
 * A moment of a login at which a fault may act:
 * - `connect`: TCP (and TLS) is connected, nothing has been read
 * - `startup`: instead of the answer to STARTUP
 * - `authenticate`: AUTHENTICATE has just been sent
 * - `response`: instead of the answer to an AUTH_RESPONSE or CREDENTIALS
 * - `challenge`: an AUTH_CHALLENGE has just been sent
 */
export type FaultPoint = 'connect' | 'startup' | 'authenticate' | 'response' | 'challenge'

/** The facts that a fault gets. */
export interface FaultMoment {
  readonly point: FaultPoint
  /** 1 for the first AUTH_RESPONSE and the challenge that answers it, 2 for the next, and so on; 0 before. */
  readonly round: number
  readonly connection: ConnectionInfo
  /** The regular answer of the server (at `startup` and `response`). The first call asks the authenticator. */
  reply(): Promise<LoginMessage>
  /** The whole frame of a message as it would go to this client: protocol version, stream id, body. */
  encode(message: LoginMessage): Buffer
  /** Aborted when the connection closes. */
  readonly signal: AbortSignal
}

/** What happens instead of the regular answer. */
export type FaultAction =
  | { do: 'silence' }
  /** A well-formed message; READY and AUTH_SUCCESS make the connection usable. */
  | { do: 'reply'; message: LoginMessage }
  /** These bytes, unchanged. Then the login gets no further answer, or the connection ends as `end` says. */
  | { do: 'write'; bytes: Uint8Array; end?: 'fin' | 'rst' }
  | { do: 'fin' }
  | { do: 'rst' }

/** A way for a server to misbehave. It is called at each moment of a login; undefined means the regular answer. */
export interface Fault {
  readonly name: string
  act(moment: FaultMoment): FaultAction | undefined | Promise<FaultAction | undefined>
}

/** When a fault acts: a moment, by default in its first round. */
export type FaultMomentOption = FaultPoint | { point: FaultPoint; round: number }

/** The same for faults that change the regular answer, so only at moments with an answer. */
export type AnswerMomentOption = AnswerPoint | { point: AnswerPoint; round: number }
type AnswerPoint = Extract<FaultPoint, 'startup' | 'response'>

/** Whether the moment is the wanted one. */
export function isAt(moment: FaultMoment, wanted: FaultMomentOption): boolean {
  const { point, round } = typeof wanted === 'string' ? { point: wanted, round: undefined } : wanted
  if (moment.point !== point) return false
  const first = point === 'response' || point === 'challenge' ? 1 : 0
  return moment.round === (round ?? first)
}

/** One of these moments, in any round. */
function momentOption<const P extends FaultPoint>(...points: readonly P[]) {
  const point = oneOf(...points)
  const moment = optionBag('a moment', {
    point: required(point),
    round: required(whole({ min: 0, max: 1_000 })),
  })
  return either(point, bagOf(moment))
}

/** The default moment of most faults. */
export const atOption: Option<FaultMomentOption, FaultMomentOption> = initially<FaultMomentOption>(
  'response',
  momentOption('connect', 'startup', 'authenticate', 'response', 'challenge'),
  'In the middle of a login.',
)

/** The same for faults that change the regular answer. */
export const answerAtOption: Option<AnswerMomentOption, AnswerMomentOption> = initially<AnswerMomentOption>(
  'response',
  momentOption('startup', 'response'),
  'In the middle of a login.',
)

/** Option of most faults. */
export interface AtOption {
  /** Each fault has its own default. */
  at?: FaultMomentOption | undefined
}

/** A fault that does one thing at one moment. */
export function once(
  name: string,
  at: FaultMomentOption,
  action: (moment: FaultMoment) => FaultAction,
): Fault {
  return { name, act: (moment) => (isAt(moment, at) ? action(moment) : undefined) }
}
