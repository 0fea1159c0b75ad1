import { setMaxListeners } from 'node:events'
import { TLSSocket } from 'node:tls'
import { TlsError } from '../../errors.js'
import type { Birth, Handshake, SessionStore } from '../sessions/session-store.js'
import { ConnectionRecord, type Unasked } from './connection-record.js'

/**
 * Under this key a profile has the function that makes a reader for it with other rules. Each such reader has the key too, as a mark.
 * @x/auth-core reads both.
 */
export const makeReader: unique symbol = Symbol.for('@x/tls:reader') as never

/** What `tls.connect` takes as `onread`: a buffer for bytes, and a callback for them. */
export interface ConnectionReader {
  /** This reader belongs to a profile; it is not one that a user added to a profile. */
  readonly [makeReader]: true
  readonly buffer: () => Uint8Array
  readonly callback: (bytes: number, buffer: Uint8Array) => boolean
}

/** Rows come in records of 16 KiB; most answers have a few hundred bytes. */
const smallBytes = 16_384
const largeBytes = 65_536
/** A smaller rest is not worth another read. */
const restBytes = 4_096

/**
 * Whether `this` of the callback is the socket. Node documents the callback, but not this, so the first connection of the process checks it. If
 * `this` is something else, that connection ends, and all others have no record.
 */
let support: 'unknown' | 'yes' | 'no' = process.versions['bun'] === undefined ? 'unknown' : 'no'
const abandoned = new AbortController()
// As many listeners as there are connections that open before the first one has been read.
setMaxListeners(0, abandoned.signal)

/** The records of open connections. */
const records = new WeakMap<TLSSocket, ConnectionRecord>()

/** What the last callback left of its buffer, for the next read. It is taken only once, so that two connections never share it. */
let rest: Uint8Array | undefined
let size = smallBytes

/** The session that a connection offers, by the buffer for its first bytes: Node asks for that buffer when it makes the socket. */
const births = new WeakMap<Uint8Array, Birth>()

/** Makes the reader of one profile. It serves any number of connections, also in a spread copy of the profile. */
export function connectionReader(unasked?: Unasked, sessions?: SessionStore): ConnectionReader {
  const reader: ConnectionReader = {
    [makeReader]: true,
    buffer() {
      const place = rest ?? Buffer.allocUnsafeSlow(size)
      rest = undefined
      const birth = sessions?.takeBirth()
      if (birth) births.set(place, birth)
      return place
    },
    callback(this: unknown, bytes, buffer) {
      const left = buffer.subarray(bytes)
      rest = left.length >= restBytes ? left : undefined
      size = left.length === 0 ? largeBytes : smallBytes
      const chunk = Buffer.from(buffer.buffer, buffer.byteOffset, bytes)
      if (!isSocket(this)) return abandon()
      const record =
        records.get(this) ?? begin(this, reader, unasked, sessions?.handshake(this, births.get(buffer)))
      return record.over ? this.push(chunk) : record.deliver(chunk)
    },
  }
  return Object.freeze(reader)
}

function begin(
  socket: TLSSocket,
  reader: object,
  unasked: Unasked | undefined,
  handshake: Handshake | undefined,
): ConnectionRecord {
  support = 'yes'
  const record = new ConnectionRecord(socket, reader, unasked, handshake)
  records.set(socket, record)
  return record
}

/** Whether connections have a record in this process, as far as is known. */
export function hasConnectionRecord(): boolean {
  return support !== 'no'
}

/** Ends the first connection if it turns out that it cannot be read; undefined once it is known that connections can be read. */
export function untilProven(): AbortSignal | undefined {
  return support === 'unknown' ? abandoned.signal : undefined
}

function isSocket(value: unknown): value is TLSSocket {
  return value instanceof TLSSocket && typeof value.push === 'function'
}

function abandon(): boolean {
  support = 'no'
  abandoned.abort(new TlsError('CONNECTION_NOT_SEEN'))
  return true
}
