import { createHash } from 'node:crypto'
import type { AnswerMomentOption, AtOption, Fault } from '../fault.js'
import { isAt, once } from '../fault.js'

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
export function frameOf2GiB({
  at = 'response',
  sent = 64,
}: {
  at?: AnswerMomentOption
  sent?: number
} = {}): Fault {
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
 * The first `bytes` bytes (default 5, less than a header) of the regular answer. With `end` `'fin'` or `'rst'` the
 * connection ends there; by default it stays open.
 */
export function truncatedFrame({
  at = 'response',
  bytes = 5,
  end,
}: {
  at?: AnswerMomentOption
  bytes?: number
  end?: 'fin' | 'rst'
} = {}): Fault {
  return {
    name: `truncatedFrame(${bytes})`,
    act: async (moment) => {
      if (!isAt(moment, at)) return undefined
      const frame = moment.encode(await moment.reply())
      // Never the whole frame, however much is asked for.
      const cut = frame.subarray(0, Math.min(bytes, frame.length - 1))
      return end === undefined ? { do: 'write', bytes: cut } : { do: 'write', bytes: cut, end }
    },
  }
}
