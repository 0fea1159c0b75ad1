/** Frames of hostile servers: the reader sees every answer that would let the driver in. */
import type { Transform } from 'node:stream'
import fc from 'fast-check'
import { FrameReader, opcodes } from '../src/lib/connection/frame-reader.js'

/** These classes are private, but nothing else can be compared. */
const { Protocol, Parser } = require('cassandra-driver/lib/streams') as {
  Protocol: new (options: object) => Transform
  Parser: new (options: object, encoder: object) => Transform
}

/** The result of the driver's parser for a frame. */
interface Item {
  readonly frameEnded?: boolean
  readonly mustAuthenticate?: boolean
  readonly error?: unknown
}

const ready = Buffer.from([0x84, 0, 0, 0, opcodes.ready, 0, 0, 0, 0])

/** A header that may lie about its version, its flags and the length of its body, in which a READY may hide. */
const frames = fc
  .record({
    version: fc.constantFrom(
      0x84,
      0x84,
      0x84,
      0x83,
      0x82,
      0x81,
      0x80,
      0xc1,
      0xc2,
      0x85,
      0x04,
      0x02,
      0xff,
      0x00,
    ),
    flags: fc.oneof(fc.constant(0), fc.nat(255)),
    stream: fc.constantFrom(0, 77),
    opcode: fc.constantFrom(0, 0, 0, 3, 3, 2, 0x10, 0x0e, 6, 8, 12, 0x77),
    size: fc.constantFrom('own', 'own', 8, 9),
    before: fc.nat(12),
    hides: fc.boolean(),
    after: fc.nat(12),
    lie: fc.constantFrom(0, 0, 0, 0, -1, 1, -9, 9, 1e9),
  })
  .map(({ version, flags, stream, opcode, size: given, before, hides, after, lie }) => {
    const size = given === 'own' ? ((version & 0x7f) < 3 ? 8 : 9) : Number(given)
    const body = Buffer.concat([Buffer.alloc(before), hides ? ready : Buffer.alloc(0), Buffer.alloc(after)])
    const header = Buffer.alloc(size)
    header.set([version, flags])
    header[size === 9 ? 3 : 2] = stream
    header[size - 5] = opcode
    header.writeUInt32BE(Math.max(0, body.length + lie), size - 4)
    return Buffer.concat([header, body])
  })
const streams = fc
  .array(frames, { minLength: 1, maxLength: 5 })
  .map((list) => Buffer.concat([...list, ready]))

/** The driver's parser, and whether it has found anything but errors and questions for a login. */
function driverParser() {
  const [protocol, parser] = [
    new Protocol({ objectMode: true }),
    new Parser({ objectMode: true }, { decode: () => undefined }),
  ]
  let letIn = false
  let broken = false
  for (const each of [protocol, parser]) each.on('error', () => (broken = true))
  protocol.pipe(parser).on('data', ({ frameEnded, mustAuthenticate, error }: Item) => {
    letIn ||= !frameEnded && !mustAuthenticate && !error
  })
  return {
    letIn: () => letIn,
    read: (bytes: Buffer) => {
      if (!broken) protocol.write(bytes)
    },
  }
}

test('the reader sees every answer that lets the driver in', () => {
  let tempted = 0
  const property = fc.property(streams, fc.integer({ min: 1, max: 100 }), (stream, size) => {
    const [guarded, unguarded] = [driverParser(), driverParser()]
    unguarded.read(stream)
    if (unguarded.letIn()) tempted++
    let seen = false
    const reader = new FrameReader({
      began: (opcode) => (seen ||= opcode !== opcodes.authenticate && opcode !== opcodes.error),
      ended: () => undefined,
    })
    for (let at = 0; at < stream.length; at += size) {
      for (let rest = stream.subarray(at, at + size); rest.length > 0 && !seen; ) {
        const end = reader.read(rest)
        // Like the record: a connection that ends passes nothing on.
        if (!seen) guarded.read(rest.subarray(0, end))
        rest = rest.subarray(end)
      }
    }
    return !guarded.letIn()
  })
  fc.assert(property, { seed: 15, numRuns: 1_000 })
  expect(tempted).toBeGreaterThan(250)
})
