import { isAuthError } from '@x/auth-core'
import fc from 'fast-check'
import { breaksBidi, type PreparedAs, saslprep } from '../../src/lib/saslprep.js'
import { anonymous } from '../../src/mechanisms.js'
import { readJson } from '../support/vectors.js'

type Row = readonly [text: string, stored: string | null, query: string | null]

const vectors = readJson('saslprep') as {
  examples: { cases: readonly (readonly [string, string | null])[] }
  random: { cases: readonly Row[] }
}
const tables = (readJson('stringprep-tables') as { tables: Record<string, string> }).tables

/** The prepared text, or null where it is refused. */
function prepared(text: string, as: PreparedAs): string | null {
  try {
    return saslprep(text, 'text', as)
  } catch (error) {
    if (isAuthError(error) && error.code === 'SASLPREP_PROHIBITED') return null
    throw error
  }
}

function codePoints(...names: string[]): Set<number> {
  const found = new Set<number>()
  for (const name of names) {
    for (const range of (tables[name] as string).split(' ')) {
      const [from = 0, to = from] = range.split('-').map((hex) => Number.parseInt(hex, 16))
      for (let point = from; point <= to; point++) found.add(point)
    }
  }
  return found
}

/** Blocks of one kind of character, and planes with nothing in them: a sample is enough. */
const alike = [
  [0x3400, 0x9fff],
  [0xac00, 0xd7a3],
  [0xe000, 0xf8ff],
  [0x20000, 0x2a6dd],
  [0x30000, 0xdffff],
  [0xe1000, 0x10ffff],
] as const

function* codePointsToTry(): Generator<number> {
  for (let point = 0; point <= 0x10ffff; point++) {
    const [from, to] = alike.find(([start, end]) => point >= start && point <= end) ?? []
    // The ends of a block and of each plane, and some between.
    const telling = point === from || point === to || (point & 0xffff) >= 0xfffe || point % 251 === 0
    if ((from === undefined || telling) && (point < 0xd800 || point > 0xdfff)) yield point
  }
}

const wrong = (expected: (point: number) => boolean) =>
  [...codePointsToTry()].filter((point) => !expected(point)).map((point) => point.toString(16))

describe('RFC 4013', () => {
  test.each(vectors.examples.cases)('§3: %j becomes %j', (text, result) => {
    expect(prepared(text, 'stored')).toBe(result)
    expect(prepared(text, 'query')).toBe(result)
  })

  test('§2.1: the characters of B.1 vanish, those of C.1.2 become spaces, and U+200B, in both, a space', () => {
    const spaces = codePoints('C.1.2')
    for (const point of codePoints('B.1')) {
      const expected = spaces.has(point) ? 'a b' : 'ab'
      expect(prepared(`a${String.fromCodePoint(point)}b`, 'stored')).toBe(expected)
    }
    for (const point of spaces) expect(prepared(`a${String.fromCodePoint(point)}b`, 'stored')).toBe('a b')
  })

  test('§2.1: a text of which nothing is left is refused', () => {
    expect(prepared('\u00ad\u200d', 'stored')).toBeNull()
    expect(prepared('\ufe00', 'query')).toBeNull()
  })

  test('§2.3: exactly the tables C.1.2 to C.9 are prohibited, after mapping and normal form', () => {
    const prohibited = codePoints('C.2.1', 'C.2.2', 'C.3', 'C.4', 'C.5', 'C.6', 'C.7', 'C.8', 'C.9')
    const mapped = codePoints('B.1', 'C.1.2')
    const later = codePoints('A.1')
    // The two of C.8 that are combining marks have another form in NFKC (U+0300, U+0301) and so are allowed.
    const refused = (point: number) =>
      prohibited.has(point) && !mapped.has(point) && point !== 0x340 && point !== 0x341
    expect(
      wrong((point) => {
        if (later.has(point)) return true
        return (
          (prepared(`a${String.fromCodePoint(point)}`, 'stored') === null) ===
          (refused(point) || isRtl(point))
        )
      }),
    ).toEqual([])
  })

  test('§2.5: a stored text has no code point of A.1, whatever form Unicode has given it since', () => {
    const later = codePoints('A.1')
    expect(
      wrong((point) => !later.has(point) || prepared(String.fromCodePoint(point), 'stored') === null),
    ).toEqual([])
  })

  test('§2.5: a query keeps a code point of A.1 unchanged, whatever form Unicode has given it since', () => {
    const later = codePoints('A.1')
    expect(
      wrong((point) => {
        const text = `${String.fromCodePoint(point)}\u2168${String.fromCodePoint(point)}\u0378`
        return !later.has(point) || prepared(text, 'query') === text.replace('\u2168', 'IX')
      }),
    ).toEqual([])
  })
})

const rightToLeft = codePoints('D.1')
/** In a text that begins with a Latin letter, these break RFC 3454 §6. */
const isRtl = (point: number) =>
  [...String.fromCodePoint(point).normalize('NFKC')].some((character) =>
    rightToLeft.has(character.codePointAt(0) as number),
  )

test('RFC 3454 §6: exactly the table D.1 is right to left, after normal form', () => {
  const later = codePoints('A.1')
  // Prohibited first: the question of direction does not come up.
  const prohibited = codePoints('C.2.1', 'C.2.2', 'C.3', 'C.4', 'C.6', 'C.7', 'C.8', 'C.9')
  expect(
    wrong((point) => {
      if (later.has(point) || prohibited.has(point)) return true
      return breaksBidi(`a${String.fromCodePoint(point)}`) === isRtl(point)
    }),
  ).toEqual([])
})

test.each([
  ['§2.1', '\u00ad\u200d'],
  ['§2.1', '\ufe00\ufe0f'],
  ['§2.3', 'a\u0007'],
  ['§2.3', 'a\u{fffff}b'],
  ['§2.4', '\u0627a'],
  ['§2.5', 'a\u0378é'],
])('the error says which rule refuses the text: %s for %j', (section, text) => {
  expect(() => saslprep(text, 'password', 'stored')).toThrow(
    expect.objectContaining({
      code: 'SASLPREP_PROHIBITED',
      message: expect.stringContaining(`(${section})`),
    }),
  )
})

test('§2.2: a mark that Unicode 3.2 does not know keeps its place among others', () => {
  // U+A6F0 has no combining class there. Today it has one, and today's normal form sorts U+0323 before U+0301.
  expect(saslprep('a\u0301\ua6f0\u0323', 'text', 'query')).toBe('\u00e1\ua6f0\u0323')
})

test('RFC 3454 §6: an unassigned code point does not hide that the directions are mixed', () => {
  expect(breaksBidi('\u0627\u0378a')).toBe(true)
  expect(breaksBidi('a\u0378')).toBe(false)
})

describe('another implementation, on random texts', () => {
  test('passwords', () => {
    const different = vectors.random.cases.filter(([text, stored]) => prepared(text, 'stored') !== stored)
    expect(different).toEqual([])
  })

  test('user names', () => {
    const different = vectors.random.cases.filter(([text, , query]) => prepared(text, 'query') !== query)
    expect(different).toEqual([])
  })
})

describe('any text', () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 })

  test('is prepared or refused with a typed error, and preparing it again changes nothing', () => {
    fc.assert(
      fc.property(text, (given) => {
        const once = prepared(given, 'stored')
        if (once !== null) expect(prepared(once, 'stored')).toBe(once)
      }),
      { numRuns: 2_000 },
    )
  })

  test('is refused without a word of it in the error', () => {
    const secret = 'Tr0ub4dor'
    for (const bad of ['\u0007', '\u0627', '\u{1f600}', '\u{ffffe}', '\u1d2c']) {
      expect(() => saslprep(`${secret}${bad}${secret}`, 'password', 'stored')).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining(secret) }),
      )
    }
  })

  test('of any length comes to an end', () => {
    expect(() => saslprep('é'.repeat(1_000_000), 'password', 'stored')).toThrow(
      expect.objectContaining({ code: 'CREDENTIALS_INVALID' }),
    )
    expect(saslprep('é'.repeat(8_192), 'password', 'stored')).toHaveLength(8_192)
    expect(saslprep('~ '.repeat(50_000), 'password', 'stored')).toBe('~ '.repeat(50_000))
  })
})

// Nothing here reads a stack, and taking one is most of the time of a refusal.
beforeAll(() => {
  Error.stackTraceLimit = 0
})

test('RFC 4505 §3: a trace may have every character but those of its tables', () => {
  const prohibited = codePoints('C.2.1', 'C.2.2', 'C.3', 'C.4', 'C.5', 'C.6', 'C.8', 'C.9')
  expect(
    wrong((point) => {
      const trace = String.fromCodePoint(point)
      // An e-mail address it is not, and the direction of presentation forms is looked up in their normal form.
      if (trace === '@' || trace.normalize('NFKC') !== trace) return true
      try {
        anonymous.parseCredentials({ trace })
        return !prohibited.has(point)
      } catch {
        return prohibited.has(point)
      }
    }),
  ).toEqual([])
})
