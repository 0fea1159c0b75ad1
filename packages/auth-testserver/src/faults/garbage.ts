import { createHash } from 'node:crypto'
import type { AnswerMomentOption, AtOption, Fault } from '../fault.js'
import { answerAtOption, atOption, isAt, once } from '../fault.js'
import {
  initially,
  oneOf,
  optionBag,
  readOptions,
  refuseMore,
  type Spec,
  whole,
} from '../lib/options/option-spec.js'

/** What `randomBytes` sends, and at which moment. */
export interface RandomBytesOptions extends AtOption {
  /** The seed: the same seed gives the same bytes. Default 1. */
  seed?: number | undefined
  /** Number of bytes. Default 64. */
  length?: number | undefined
}

/** Many more bytes than any frame that a client reads. */
const maxBytes = 2 ** 28

export const randomBytesBag = optionBag('randomBytes', {
  at: atOption,
  seed: initially(1, whole({ min: 0, max: Number.MAX_SAFE_INTEGER }), 'The same seed repeats a failure.'),
  length: initially(64, whole({ min: 0, max: maxBytes }), 'More than a header, so that a body is read too.'),
} satisfies Spec<RandomBytesOptions>)

/**
 * Sends `length` bytes (default 64) that are not of the protocol: SHA-256 of `seed:0`, `seed:1` …, one after another,
 * so that the same seed (default 1) gives the same bytes everywhere. The connection stays open.
 */
export function randomBytes(options?: RandomBytesOptions): Fault
export function randomBytes(options?: RandomBytesOptions, ...more: readonly unknown[]): Fault {
  refuseMore('randomBytes', more)
  const { at, seed, length } = readOptions(randomBytesBag, options)
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

/** How much of the frame `frameOf2GiB` sends, and when. */
export interface FrameOf2GiBOptions {
  /** Default: instead of the answer to the first response. */
  at?: AnswerMomentOption | undefined
  /** Number of bytes of the body that are sent. Default 64. */
  sent?: number | undefined
}

export const frameOf2GiBBag = optionBag('frameOf2GiB', {
  at: answerAtOption,
  sent: initially(64, whole({ min: 0, max: maxBytes }), 'The beginning of a body that never ends.'),
} satisfies Spec<FrameOf2GiBOptions>)

/**
 * Sends the header of the regular answer with the length field 7f ff ff ff (2 GiB - 1, the largest positive length),
 * then `sent` bytes of body (default 64, all zero), then nothing more.
 */
export function frameOf2GiB(options?: FrameOf2GiBOptions): Fault
export function frameOf2GiB(options?: FrameOf2GiBOptions, ...more: readonly unknown[]): Fault {
  refuseMore('frameOf2GiB', more)
  const { at, sent } = readOptions(frameOf2GiBBag, options)
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

/** How much of the frame `truncatedFrame` sends, and when. */
export interface TruncatedFrameOptions {
  /** Default: instead of the answer to the first response. */
  at?: AnswerMomentOption | undefined
  /** Number of bytes. Default 5, less than a header. */
  bytes?: number | undefined
  /** How the connection ends after these bytes. Default: it stays open. */
  end?: 'fin' | 'rst' | undefined
}

export const truncatedFrameBag = optionBag('truncatedFrame', {
  at: answerAtOption,
  bytes: initially(5, whole({ min: 0, max: maxBytes }), 'Less than a header of any version.'),
  end: oneOf('fin', 'rst'),
} satisfies Spec<TruncatedFrameOptions>)

/**
 * Sends the first `bytes` bytes (default 5, less than a header) of the regular answer. With `end` `'fin'` or `'rst'`
 * the connection ends there; by default it stays open.
 */
export function truncatedFrame(options?: TruncatedFrameOptions): Fault
export function truncatedFrame(options?: TruncatedFrameOptions, ...more: readonly unknown[]): Fault {
  refuseMore('truncatedFrame', more)
  const { at, bytes, end } = readOptions(truncatedFrameBag, options)
  return {
    name: `truncatedFrame(${bytes})`,
    act: async (moment) => {
      if (!isAt(moment, at)) return undefined
      const frame = moment.encode(await moment.reply())
      // Never the complete frame, even if `bytes` is larger.
      const cut = frame.subarray(0, Math.min(bytes, frame.length - 1))
      return end === undefined ? { do: 'write', bytes: cut } : { do: 'write', bytes: cut, end }
    },
  }
}
