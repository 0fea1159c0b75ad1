import fc from 'fast-check'
import { countMarkers, parse } from '../src/lib/query/cql.js'
import { encodeValue, typeName, writeType } from '../src/lib/wire/cql-types.js'
import { encodeFrame, FrameDecoder } from '../src/lib/wire/frame.js'
import { ProtocolViolation } from '../src/lib/wire/protocol.js'
import { BodyReader, BodyWriter } from '../src/lib/wire/wire.js'

const hex = (writer: BodyWriter) => writer.done().toString('hex')

describe('the notations of §3', () => {
  test('written byte for byte', () => {
    expect(hex(new BodyWriter().byte(1).short(2).int(-1))).toBe('010002ffffffff')
    expect(hex(new BodyWriter().string('é').shortBytes(Buffer.of(9)))).toBe('0002c3a9000109')
    expect(hex(new BodyWriter().bytes(null).bytes(Buffer.alloc(0)).bytes(Buffer.of(7)))).toBe(
      'ffffffff000000000000000107',
    )
    expect(hex(new BodyWriter().stringList(['a', 'b']))).toBe('0002000161000162')
    expect(hex(new BodyWriter().stringMultimap({ k: ['v'] }))).toBe('000100016b0001000176')
    expect(hex(new BodyWriter().inet(Buffer.of(127, 0, 0, 1), 9042))).toBe('047f00000100002352')
    expect(() => new BodyWriter().string('x'.repeat(70_000))).toThrow(RangeError)
  })

  test('read back, for any text and bytes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 50 }),
        fc.option(fc.uint8Array()),
        (text, bytes) => {
          const body = new BodyWriter().string(text).bytes(bytes).stringList([text]).done()
          const reader = new BodyReader(body)
          expect(reader.string()).toBe(text)
          const back = reader.bytes()
          expect(back === null ? null : [...back]).toEqual(bytes === null ? null : [...bytes])
          expect(reader.stringList()).toEqual([text])
          expect(reader.remaining).toBe(0)
        },
      ),
    )
  })

  test('a length beyond the end, or negative, is a violation', () => {
    expect(() => new BodyReader(Buffer.from([0, 5, 1])).string()).toThrow(ProtocolViolation)
    expect(() => new BodyReader(Buffer.from('7fffffff', 'hex')).bytes()).toThrow(ProtocolViolation)
    expect(() => new BodyReader(Buffer.from('ffffffff', 'hex')).longString()).toThrow(ProtocolViolation)
    expect(() => new BodyReader(Buffer.alloc(1)).short()).toThrow(ProtocolViolation)
    expect(new BodyReader(Buffer.from('fffffffe', 'hex')).bytes()).toBeNull()
  })
})

describe('frames', () => {
  const accepting = () => new FrameDecoder(() => undefined, 1000)

  test('headers of 8 and 9 bytes', () => {
    expect(encodeFrame(4, 258, 'READY', Buffer.of(1)).toString('hex')).toBe('84000102020000000101')
    expect(encodeFrame(4, -1, 'EVENT', Buffer.alloc(0)).toString('hex')).toBe('8400ffff0c00000000')
    expect(encodeFrame(2, 5, 'READY', Buffer.of(1)).toString('hex')).toBe('820005020000000101')
    // The hello of a TLS client at a server of these versions: its third and fourth byte are not a valid stream id.
    expect(encodeFrame(2, 257, 'ERROR', Buffer.alloc(0)).toString('hex')).toBe('8200000000000000')
    expect(encodeFrame(0x42, 5, 'ERROR', Buffer.alloc(0)).toString('hex')).toBe('c20000050000000000')
  })

  test('the same frames result from every way to cut them', () => {
    const frame = fc.record({
      version: fc.constantFrom(3, 4, 0x42),
      stream: fc.integer({ min: -32768, max: 32767 }),
      body: fc.uint8Array({ maxLength: 60 }),
    })
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 30 })),
        (frames, cuts) => {
          const encoded = frames.map(({ version, stream, body }) => {
            const bytes = encodeFrame(version, stream, 'OPTIONS', body)
            bytes[0] = version
            return bytes
          })
          let rest = Buffer.concat(encoded)
          const decoder = accepting()
          const decoded: unknown[] = []
          for (const cut of [...cuts, Number.POSITIVE_INFINITY]) {
            for (const { version, stream, body } of decoder.push(rest.subarray(0, cut))) {
              decoded.push({ version, stream, body: new Uint8Array(body) })
            }
            rest = rest.subarray(cut)
          }
          expect(decoded).toEqual(frames)
        },
      ),
    )
  })

  test('any bytes give frames or a violation', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
        const decoder = accepting()
        for (const chunk of chunks) {
          try {
            expect([...decoder.push(Buffer.from(chunk))].length).toBeLessThanOrEqual(41)
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolViolation)
          }
        }
      }),
    )
  })
})

describe('values', () => {
  test('collections are counted with two bytes in v1 and v2, with four later', () => {
    expect(encodeValue({ list: 'text' }, ['a'], 2)?.toString('hex')).toBe('0001000161')
    expect(encodeValue({ set: 'int' }, [5], 3)?.toString('hex')).toBe('000000010000000400000005')
    expect(encodeValue({ map: ['text', 'int'] }, { a: 1 }, 1)?.toString('hex')).toBe('0001000161000400000001')
    expect(encodeValue('text', undefined, 4)).toBeNull()
  })

  test('types on the wire and in words', () => {
    expect(
      hex(new BodyWriter()) +
        ['text', { list: 'int' }, { map: ['text', 'uuid'] }].map((type) => {
          const writer = new BodyWriter()
          writeType(writer, type as Parameters<typeof writeType>[1])
          return hex(writer)
        }),
    ).toBe('000d,00200009,0021000d000c')
    expect([typeName({ set: 'text' }), typeName({ map: ['text', 'int'] })]).toEqual([
      'set<text>',
      'map<text, int>',
    ])
  })
})

describe('CQL', () => {
  test.each([
    ['USE "My KS"', { kind: 'use', keyspace: 'My KS' }],
    ['use App ;', { kind: 'use', keyspace: 'app' }],
    ["UPDATE t SET a = 'x'", { kind: 'other', verb: 'UPDATE' }],
    ['UPDATED t', undefined],
    ['SELECT a FROM b WHERE c > 1', undefined],
    ['SELECT a.b FROM c', undefined],
    ['SELECT a; FROM b', undefined],
    [
      "SELECT a AS \"B\", now() FROM k.t WHERE x = 'it''s' AND y = ? AND z = -5 LIMIT 3 ALLOW FILTERING",
      {
        kind: 'select',
        keyspace: 'k',
        table: 't',
        selected: [
          { column: 'a', as: 'B' },
          { column: 'now()', as: 'system.now()' },
        ],
        where: [
          { column: 'x', value: { literal: "it's" } },
          { column: 'y', value: { marker: 0 } },
          { column: 'z', value: { literal: '-5' } },
        ],
        limit: 3,
      },
    ],
  ])('%s', (cql, expected) => {
    expect(parse(cql)).toEqual(expected)
  })

  test('markers in strings, names and comments do not count', () => {
    expect(countMarkers(`INSERT (a, "b?") VALUES (?, '?', :named, {x: 1}) /* ? */ -- ?`)).toBe(2)
    expect(countMarkers("SELECT '?''?' FROM t // ?\n WHERE a = ?")).toBe(1)
  })

  test('any text is parsed in bounded time', () => {
    const words = fc.constantFrom(
      'SELECT',
      'FROM',
      'WHERE',
      'LIMIT',
      'AND',
      ' ',
      '  ',
      "'",
      '"',
      ',',
      'a',
      '=',
      '?',
      '5',
      '(',
    )
    fc.assert(
      fc.property(fc.array(words, { maxLength: 300 }), (parts) => {
        parse(parts.join(' '))
        countMarkers(parts.join(''))
      }),
    )
    // It measures CPU and not time, because other work of the machine does not count.
    const before = process.cpuUsage().user
    parse(`SELECT ${' '.repeat(2000)}x FROM ${'FROM a WHERE '.repeat(150)}`)
    expect(process.cpuUsage().user - before).toBeLessThan(5_000_000)
  })
})
