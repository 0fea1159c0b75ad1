/** Changes of DER that correct the lengths around the changed value, so that a reader reaches it. */
import { changeBytes } from './bytes.mjs'

/** @typedef {import('../lib/random.mjs').Random} Random */
/** @typedef {{ tag: number, content: Buffer | Value[] }} Value */

const tagsOfNote = [
  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x1e, 0x24, 0x30, 0x31, 0x80, 0xa0, 0xa1,
  0xa3,
]

/** @param {Buffer} bytes @param {Random} random @param {Buffer} other @returns {Buffer} */
export function changeDer(bytes, random, other) {
  if (random.once(4)) return changeBytes(bytes, random, other)
  const values = parse(bytes, 0)
  if (!values) return changeBytes(bytes, random, other)
  for (let left = 1 + random.below(3); left > 0; left--) {
    const places = allPlaces(values)
    if (places.length === 0) break
    const { list, at } = random.from(places)
    change(list, at, random, places, other)
  }
  return encodeAll(values, random)
}

/**
 * @param {Value[]} list @param {number} at @param {Random} random @param {readonly { list: Value[], at: number }[]} places
 * @param {Buffer} other
 */
function change(list, at, random, places, other) {
  const value = list[at]
  if (!value) return
  switch (random.below(6)) {
    case 0:
      list.splice(at, 1)
      break
    case 1:
      list.splice(at, 0, value)
      break
    case 2:
      list[at] = { ...value, tag: random.from(tagsOfNote) }
      break
    case 3: {
      const from = random.from(places)
      const there = from.list[from.at]
      // A copy: a value that contains itself would have no end.
      if (there) list[at] = structuredCopy(there)
      break
    }
    case 4:
      list[at] = { tag: 0x30, content: [value] }
      break
    default:
      if (Buffer.isBuffer(value.content)) {
        list[at] = { ...value, content: changeBytes(value.content, random, other) }
      } else value.content.reverse()
  }
}

/** @param {Value} value @returns {Value} */
function structuredCopy({ tag, content }) {
  return { tag, content: Buffer.isBuffer(content) ? content : content.map(structuredCopy) }
}

/**
 * Undefined if the bytes are not DER from the first to the last.
 *
 * @param {Buffer} bytes
 * @param {number} depth
 * @returns {Value[] | undefined}
 */
function parse(bytes, depth) {
  /** @type {Value[]} */
  const values = []
  for (let at = 0; at < bytes.length; ) {
    const tag = /** @type {number} */ (bytes[at])
    const first = bytes[at + 1]
    if (first === undefined || first === 0x80 || first > 0x84 || (tag & 0x1f) === 0x1f) return undefined
    const more = first > 0x80 ? first & 0x7f : 0
    if (at + 2 + more > bytes.length) return undefined
    const length = more > 0 ? bytes.readUIntBE(at + 2, more) : first
    const start = at + 2 + more
    if (start + length > bytes.length) return undefined
    const content = bytes.subarray(start, start + length)
    // In many formats an OCTET STRING contains more DER.
    const inner = (tag & 0x20 || tag === 0x04) && depth < 24 ? parse(content, depth + 1) : undefined
    values.push({ tag, content: inner && inner.length > 0 ? inner : content })
    at = start + length
  }
  return values
}

/** @param {Value[]} values @returns {{ list: Value[], at: number }[]} */
function allPlaces(values) {
  return values.flatMap((value, at) => [
    { list: values, at },
    ...(Buffer.isBuffer(value.content) ? [] : allPlaces(value.content)),
  ])
}

/** @param {Value[]} values @param {Random} random @returns {Buffer} */
function encodeAll(values, random) {
  return Buffer.concat(
    values.map(({ tag, content }) => {
      const bytes = Buffer.isBuffer(content) ? content : encodeAll(content, random)
      return Buffer.concat([Buffer.from([tag]), lengthOf(bytes.length, random), bytes])
    }),
  )
}

/** Sometimes the length has more bytes than it needs, is missing, or is wrong. @param {number} length @param {Random} random */
function lengthOf(length, random) {
  if (random.once(200))
    return random.from([
      Buffer.from([0x80]),
      Buffer.from([0x84, 0xff, 0xff, 0xff, 0xff]),
      Buffer.from([0x88]),
    ])
  const long = random.once(100) ? 4 : length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3
  if (long === 0) return Buffer.from([length])
  const bytes = Buffer.alloc(1 + long)
  bytes[0] = 0x80 | long
  bytes.writeUIntBE(length, 1, long)
  return bytes
}
