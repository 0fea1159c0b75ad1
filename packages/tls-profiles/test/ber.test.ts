/** What is read of ASN.1, at the edges of each rule. What is not right is a FormatError, never another one. */
import { fresh } from './support/fresh.js'

type Reader = typeof import('../src/lib/material/ber.js')
const ber = () => fresh(() => require('../src/lib/material/ber.js') as Reader)
const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex')
const error = (action: () => unknown): unknown => {
  try {
    action()
  } catch (thrown) {
    return (thrown as Error).name
  }
  return undefined
}

test.each<[string, number]>([
  ['0201 00', 0],
  ['0201 7f', 127],
  ['0202 0080', 128],
  ['0206 7fffffffffff', 0x7fff_ffff_ffff],
  ['0207 00ffffffffffff', 0xffff_ffff_ffff],
])('the number %s is %d', (bytes, expected) => {
  const { integer, readBer } = ber()
  expect(integer(readBer(hex(bytes)))).toBe(expected)
})

test.each<[string, string]>([
  ['no octet', '0200'],
  ['a negative number', '0201 80'],
  ['more than 48 bits', '0207 01000000000000'],
  ['eight octets', '0208 0000000000000001'],
  ['another type', '0401 00'],
])('%s is not a number', (_, bytes) => {
  const { integer, readBer } = ber()
  expect(error(() => integer(readBer(hex(bytes))))).toBe('FormatError')
  expect(error(() => integer(undefined))).toBe('FormatError')
})

const longArc = '8fffffffffffff7f'
test.each<[string, string]>([
  ['00', '0.0'],
  ['27', '0.39'],
  ['28', '1.0'],
  ['4f', '1.39'],
  ['50', '2.0'],
  ['8837', '2.999'],
  ['2a864886f70d', '1.2.840.113549'],
  [longArc, `2.${Number.MAX_SAFE_INTEGER - 80}`],
  ['01'.repeat(64), `0.${Array(64).fill(1).join('.')}`],
])('the object identifier %s is %s', (contents, expected) => {
  const { oid, readBer } = ber()
  const size = (contents.length / 2).toString(16).padStart(2, '0')
  expect(oid(readBer(hex(`06${size}${contents}`)))).toBe(expected)
})

test.each<[string, string]>([
  ['65 octets', `0641${'01'.repeat(65)}`],
  ['a number of 54 bits', '0608 9080808080808000'],
  ['another type', '0201 2a'],
])('%s is not an object identifier', (_, bytes) => {
  const { oid, readBer } = ber()
  expect(error(() => oid(readBer(hex(bytes))))).toBe('FormatError')
})

test.each<[string, string, number, string]>([
  ['a length in one octet', '0402 6162 ff', 4, '6162'],
  ['the longest length in one octet', `047f${'61'.repeat(127)}`, 129, '61'.repeat(127)],
  ['a length in two octets', '0481 02 6162', 5, '6162'],
  ['a length in seven octets', '0486 000000000002 6162', 10, '6162'],
  ['nothing in it', '0481 00', 3, ''],
  ['a number of the tag in further octets', '1f8101 01 61', 5, '61'],
  ['the same with one octet', '1f1f 01 61', 4, '61'],
  ['no length, and two values in it', '3080 020101 0500 0000 ff', 9, '0201010500'],
  ['no length, and nothing in it', '3080 0000', 4, ''],
  ['no length, and a value of zeros', '3080 0402 0000 0000', 8, '04020000'],
  ['no length within no length', '3080 3080 0000 0000', 8, '30800000'],
])('%s is read', (_, bytes, size, contents) => {
  const { readBer } = ber()
  const value = readBer(hex(bytes))
  expect(value.tag).toBe(hex(bytes)[0])
  expect(value.whole.toString('hex')).toBe(hex(bytes).subarray(0, size).toString('hex'))
  expect(value.contents.toString('hex')).toBe(contents)
})

test.each<[string, string]>([
  ['nothing', ''],
  ['a tag alone', '04'],
  ['a tag that does not end', '1f80'],
  ['a value that is cut short', '0402 61'],
  ['a length that is cut short', '0482 00'],
  ['a length of eight octets', '0487 00000000000001 61'],
  ['a string without a length', '0480 0000'],
  ['no end', '3080 020101'],
  ['half of an end', '3080 00'],
  ['a zero that is not an end', '3080 0001'],
])('%s is an error', (_, bytes) => {
  const { readBer } = ber()
  expect(error(() => readBer(hex(bytes)))).toBe('FormatError')
})

test('strings come in one piece or in several, with their own tag or that of their place', () => {
  const { octets, implicit, readBer } = ber()
  const read = (bytes: string, tag?: number) => octets(readBer(hex(bytes)), tag).toString()
  expect(read('0402 6162')).toBe('ab')
  expect(read('2480 0401 61 2403 0401 62 0000')).toBe('ab')
  expect(read('8002 6162', implicit(0))).toBe('ab')
  expect(read('a106 0401 61 0401 62', implicit(1))).toBe('ab')
  for (const [bytes, tag] of [['0201 61'], ['0402 6162', implicit(0)], ['2403 0201 61']] as const) {
    expect(error(() => read(bytes, tag))).toBe('FormatError')
  }
  expect(error(() => octets(undefined))).toBe('FormatError')
})

test('a value is read only where its kind is expected', () => {
  const { childrenOf, explicit, readBer, sequence } = ber()
  const read = (bytes: string) => readBer(hex(bytes))
  expect(sequence(read('3005 020101 0500')).map(({ tag }) => tag)).toEqual([0x02, 0x05])
  expect(childrenOf(read('3105 020101 0500'))).toHaveLength(2)
  expect(sequence(read('3000'))).toEqual([])
  expect(explicit(read('a003 020107'), 0).contents).toEqual(Buffer.from([7]))
  expect(explicit(read('a103 020107'), 1).contents).toEqual(Buffer.from([7]))
  for (const wrong of [
    () => sequence(read('3103 020101')),
    () => sequence(undefined),
    () => explicit(read('a103 020107'), 0),
    () => explicit(read('8003 020107'), 0),
    () => explicit(read('a000'), 0),
    () => childrenOf(read('1003 020101')),
    () => childrenOf(read('3003 020201')),
  ]) {
    expect(error(wrong)).toBe('FormatError')
  }
})

test('values may be nested 24 deep, in the same bytes and in those of a string', () => {
  const nested = (depth: number): Buffer => {
    const inner = depth === 0 ? Buffer.alloc(0) : nested(depth - 1)
    return Buffer.concat([Buffer.from([0x30, inner.length]), inner])
  }
  const { childrenOf, readBer, readWithin } = ber()
  const down = (depth: number) => () => {
    let value = readBer(nested(depth))
    for (let left = depth; left > 0; left--) value = childrenOf(value)[0] as typeof value
  }
  expect(error(down(24))).toBeUndefined()
  expect(error(down(25))).toBe('FormatError')
  const within = (depth: number) => () => {
    let value = readBer(hex('0500'))
    for (let left = depth; left > 0; left--) value = readWithin(hex('0500'), value)
  }
  expect(error(within(24))).toBeUndefined()
  expect(error(within(25))).toBe('FormatError')
})

test('a whole may have 250 000 values, wherever they are', () => {
  const { childrenOf, readBer } = ber()
  const many = (count: number) => {
    const size = Buffer.alloc(4)
    size.writeUInt32BE(count * 2)
    return Buffer.concat([hex('3084'), size, Buffer.alloc(count * 2, hex('0500'))])
  }
  expect(childrenOf(readBer(many(249_999)))).toHaveLength(249_999)
  expect(error(() => childrenOf(readBer(many(250_000))))).toBe('FormatError')
})
