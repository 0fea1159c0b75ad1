/** Changes that do not depend on the meaning of the bytes. */

/** @typedef {import('../lib/random.mjs').Random} Random */

const bytesOfNote = [0x00, 0x01, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x3d, 0x7f, 0x80, 0xff]
const numbersOfNote = [
  0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
]

/** @type {((bytes: Buffer, random: Random, other: Buffer) => Buffer)[]} */
const changes = [
  // Flips a bit.
  (bytes, random) => at(bytes, random, (index) => (bytes[index] ?? 0) ^ (1 << random.below(8))),
  // Replaces a byte.
  (bytes, random) => at(bytes, random, () => random.from(bytesOfNote)),
  // Replaces one, two or four bytes with a number.
  (bytes, random) => {
    const size = random.from([1, 2, 4])
    const number = Buffer.alloc(4)
    number.writeUInt32BE(random.from(numbersOfNote))
    return splice(bytes, random.below(bytes.length + 1), size, number.subarray(4 - size))
  },
  // Removes bytes.
  (bytes, random) => splice(bytes, random.below(bytes.length + 1), 1 + random.below(8), Buffer.alloc(0)),
  // Inserts random bytes.
  (bytes, random) => splice(bytes, random.below(bytes.length + 1), 0, random.bytes(1 + random.below(8))),
  // Repeats a part.
  (bytes, random) => {
    const start = random.below(bytes.length + 1)
    return splice(bytes, start, 0, bytes.subarray(start, start + 1 + random.below(64)))
  },
  // Cuts off the end.
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  // Inserts a part of another input.
  (bytes, random, other) => {
    const from = random.below(other.length + 1)
    const piece = other.subarray(from, from + 1 + random.below(128))
    return splice(bytes, random.below(bytes.length + 1), random.once(2) ? piece.length : 0, piece)
  },
]

/** Makes one to four changes. @param {Buffer} bytes @param {Random} random @param {Buffer} other @returns {Buffer} */
export function changeBytes(bytes, random, other) {
  let changed = bytes
  for (let left = 1 + random.below(4); left > 0; left--)
    changed = random.from(changes)(changed, random, other)
  return changed
}

/** @param {Buffer} bytes @param {number} start @param {number} removed @param {Uint8Array} inserted */
export function splice(bytes, start, removed, inserted) {
  return Buffer.concat([bytes.subarray(0, start), inserted, bytes.subarray(start + removed)])
}

/** @param {Buffer} bytes @param {Random} random @param {(index: number) => number} value */
function at(bytes, random, value) {
  if (bytes.length === 0) return bytes
  const index = random.below(bytes.length)
  return splice(bytes, index, 1, Buffer.from([value(index)]))
}
