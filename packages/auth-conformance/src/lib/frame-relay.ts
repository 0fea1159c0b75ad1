import { Transform } from 'node:stream'

/** The header size of protocol version 4, which the clients of the bench use. */
const headerBytes = 9

/** The opcodes of CQL native protocol v4 §2.4 that a clause names. */
export const opcodes = { error: 0x00, ready: 0x02, authSuccess: 0x10 } as const

/** Passes on the frames of a server, each as `change` returns it. */
export function frameRelay(change: (frame: Buffer) => Buffer): Transform {
  let held = Buffer.alloc(0)
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      held = Buffer.concat([held, chunk])
      while (held.length >= headerBytes) {
        const end = headerBytes + held.readUInt32BE(headerBytes - 4)
        if (held.length < end) break
        this.push(change(held.subarray(0, end)))
        held = held.subarray(end)
      }
      done()
    },
  })
}

/** Flags of a header, §2.2. */
const flags = { traced: 0x02, payload: 0x04, warned: 0x08 } as const

const text = (value: string) => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)])

/** The fields before the body, in their order (§2.2): tracing id, warnings, custom payload. */
const fields: readonly (readonly [flag: number, bytes: Buffer])[] = [
  [flags.traced, Buffer.alloc(16, 0x5a)],
  [flags.warned, Buffer.concat([Buffer.from([0, 2]), text('your password ends in 3 days'), text('')])],
  [
    flags.payload,
    Buffer.concat([
      Buffer.from([0, 2]),
      ...[text('some'), Buffer.from([0, 0, 0, 3, 1, 2, 3])],
      ...[text('none'), Buffer.from([0xff, 0xff, 0xff, 0xff])],
    ]),
  ],
]

/** Every combination of the fields before the body of a frame, without the empty one. */
export const fieldFlags: readonly number[] = [2, 4, 6, 8, 10, 12, 14]

/** The frame with these fields before its body. */
export function withFields(frame: Buffer, wanted: number): Buffer {
  const before = fields.filter(([flag]) => (wanted & flag) !== 0).map(([, bytes]) => bytes)
  const body = Buffer.concat([...before, frame.subarray(headerBytes)])
  const header = Buffer.from(frame.subarray(0, headerBytes))
  header.writeUInt8(header.readUInt8(1) | wanted, 1)
  header.writeUInt32BE(body.length, headerBytes - 4)
  return Buffer.concat([header, body])
}
