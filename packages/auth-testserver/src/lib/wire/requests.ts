import type { Frame } from './frame.js'
import { frameFlags, isDse } from './protocol.js'
import { BodyReader } from './wire.js'

type Values = (Buffer | null)[]

/** QUERY flags, §4.1.4. */
const withValues = 0x01
const withNames = 0x40

/** The body after the custom payload that a v4 request may start with. */
function open(frame: Frame): BodyReader {
  const reader = new BodyReader(frame.body)
  if (frame.version >= 4 && frame.flags & frameFlags.customPayload) {
    for (let left = reader.short(); left > 0; left--) {
      reader.string()
      reader.bytes()
    }
  }
  return reader
}

/** QUERY: the text, and from v2 on the values. */
export function readQuery(frame: Frame): { cql: string; values: Values } {
  const reader = open(frame)
  const cql = reader.longString()
  return { cql, values: frame.version === 1 ? [] : readParameters(reader, frame.version) }
}

/** EXECUTE: the statement's id and the values. */
export function readExecute(frame: Frame): { id: Buffer; values: Values } {
  const reader = open(frame)
  const id = reader.shortBytes()
  if (frame.version === 0x42) reader.shortBytes()
  const values = frame.version === 1 ? readValues(reader, false) : readParameters(reader, frame.version)
  return { id, values }
}

/** PREPARE: the text. DSE v2 adds flags and a keyspace, which make no difference here. */
export function readPrepare(frame: Frame): string {
  return open(frame).longString()
}

/** Reads consistency and flags, then the values. Paging, timestamps and so on are not used here. */
function readParameters(reader: BodyReader, version: number): Values {
  reader.short()
  const flags = isDse(version) ? reader.int() : reader.byte()
  return flags & withValues ? readValues(reader, (flags & withNames) !== 0) : []
}

function readValues(reader: BodyReader, named: boolean): Values {
  return Array.from({ length: reader.short() }, () => {
    if (named) reader.string()
    return reader.bytes()
  })
}
