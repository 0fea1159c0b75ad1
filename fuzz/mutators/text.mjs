/** Changes of text that is a list: a part is removed, repeated, swapped with another, or gets another value. */
import { changeBytes } from './bytes.mjs'

/** @typedef {import('../lib/random.mjs').Random} Random */

const values = [
  '',
  '0',
  '-1',
  '1e9',
  '4096',
  '999999999999',
  'é',
  '\u{1f511}',
  '\0',
  '\x1b[2J',
  '"',
  "'",
  '\\',
  '=',
  ',',
  ' ',
  'A'.repeat(5000),
  '%',
  '{}',
  '[]',
  'null',
]

/**
 * @param {readonly string[]} words that mean something in this text
 * @param {RegExp} separator with a group, so that it is kept
 * @returns {(bytes: Buffer, random: Random, other: Buffer) => Buffer}
 */
export function changeText(words, separator) {
  /** @type {((parts: string[], at: number, random: Random) => void)[]} */
  const changes = [
    (parts, at) => parts.splice(at, 1),
    (parts, at) => parts.splice(at, 0, parts[at] ?? ''),
    (parts, at, random) => {
      const to = random.below(parts.length)
      ;[parts[at], parts[to]] = [parts[to] ?? '', parts[at] ?? '']
    },
    (parts, at, random) => (parts[at] = random.from(values)),
    (parts, at, random) => (parts[at] = random.from(words)),
    (parts, at, random) => parts.splice(at, 0, random.from(words)),
  ]
  return (bytes, random, other) => {
    if (random.once(3)) return changeBytes(bytes, random, other)
    const parts = bytes.toString('latin1').split(separator)
    for (let left = 1 + random.below(3); left > 0; left--) {
      random.from(changes)(parts, random.below(parts.length), random)
    }
    return Buffer.from(parts.join(''), 'latin1')
  }
}
