/**
 * The frames of a server. The connection record and the driver both read them. The record must see each frame that lets the driver
 * in, before the driver sees it.
 */
import { createRequire } from 'node:module'
import { changeFrames, frame } from '../mutators/frames.mjs'

const require = createRequire(import.meta.url)
/** This module is private, but there is nothing else to compare with. */
const { Protocol, Parser } = require(require.resolve('cassandra-driver/lib/streams'))
/** This module is private too: nothing public shows frames. */
const { FrameReader, opcodes } = require(
  require.resolve('@x/tls-profiles').replace(/index\.js$/, 'lib/connection/frame-reader.js'),
)

const ready = frame(opcodes.ready)
const authenticate = frame(opcodes.authenticate, Buffer.from('\0\x03abc'))
const error = frame(opcodes.error, Buffer.from('\0\0\x01\0\0\x02no'))

/** @type {import('../lib/target.mjs').Target[]} */
export const targets = [
  {
    name: 'connection-record',
    covers: ['tls-profiles/dist/lib/connection/frame'],
    seeds: () => [
      Buffer.concat([Buffer.from([3]), authenticate, ready]),
      Buffer.concat([
        Buffer.from([40]),
        authenticate,
        frame(0x0e, Buffer.from('\0\0\0\x02hi')),
        frame(0x10, Buffer.from('\xff\xff\xff\xff', 'latin1')),
      ]),
      Buffer.concat([Buffer.from([9]), error, ready]),
      Buffer.concat([
        Buffer.from([200]),
        frame(0x06, Buffer.from('\0\0')),
        frame(0x03, Buffer.from('\0\x03abc'), 0x82),
        ready,
      ]),
    ],
    change: changeFrames,
    run(input) {
      const size = 1 + (input[0] ?? 0)
      const stream = Buffer.concat([input.subarray(1), ready])
      const driver = driverParser()
      let seen = false
      const reader = new FrameReader({
        began: (/** @type {number} */ opcode) => {
          seen ||= opcode !== opcodes.authenticate && opcode !== opcodes.error
        },
        ended: () => undefined,
      })
      for (let at = 0; at < stream.length; at += size) {
        for (let rest = stream.subarray(at, at + size); rest.length > 0 && !seen; ) {
          const end = reader.read(rest)
          if (!(end > 0 && end <= rest.length)) throw new Error(`${end} of ${rest.length} bytes were read`)
          // The record does the same: when it ends the connection, it passes nothing to the driver.
          if (!seen) driver.read(rest.subarray(0, end))
          rest = rest.subarray(end)
        }
      }
      if (driver.letIn()) throw new Error('the driver is let in by a frame that the record does not see')
    },
  },
]

function driverParser() {
  const protocol = new Protocol({ objectMode: true })
  const parser = new Parser({ objectMode: true }, { decode: () => undefined })
  let letIn = false
  let broken = false
  for (const each of [protocol, parser]) {
    each.on('error', () => {
      broken = true
    })
  }
  protocol.pipe(parser).on('data', (/** @type {any} */ { frameEnded, mustAuthenticate, error }) => {
    letIn ||= !frameEnded && !mustAuthenticate && !error
  })
  return {
    letIn: () => letIn,
    read: (/** @type {Buffer} */ bytes) => {
      if (!broken) protocol.write(bytes)
    },
  }
}
