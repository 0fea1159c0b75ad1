import type { Socket } from 'node:net'

// The part of the native protocol, version 4, that the driver needs: STARTUP → READY, and rows for its queries.
const opcodes = {
  error: 0x00,
  startup: 0x01,
  ready: 0x02,
  options: 0x05,
  supported: 0x06,
  query: 0x07,
  result: 0x08,
  register: 0x0b,
}
const headerBytes = 9

/** Answers every frame that arrives on a socket. */
export function answerCql(socket: Socket): void {
  let pending = Buffer.alloc(0)
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk])
    // Cassandra checks the version before it waits for the rest. It answers a TLS handshake in this way.
    if (pending.length > 0 && ![4, 0x41, 0x42].includes(pending.readUInt8(0))) {
      socket.end(refusal(0))
      return
    }
    while (pending.length >= headerBytes && pending.length >= headerBytes + pending.readUInt32BE(5)) {
      const end = headerBytes + pending.readUInt32BE(5)
      socket.write(answerTo(pending.subarray(0, end)))
      pending = pending.subarray(end)
    }
  })
}

function answerTo(frame: Buffer): Buffer {
  const version = frame.readUInt8(0)
  const stream = frame.readInt16BE(2)
  const opcode = frame.readUInt8(4)
  if (version !== 4) return refusal(stream)
  if (opcode === opcodes.query) {
    const query = frame.toString('utf8', headerBytes + 4, headerBytes + 4 + frame.readUInt32BE(headerBytes))
    return response(stream, opcodes.result, rowsFor(query))
  }
  if (opcode === opcodes.options) return response(stream, opcodes.supported, short(0))
  return response(stream, opcodes.ready, Buffer.alloc(0))
}

function refusal(stream: number): Buffer {
  const message = 'Invalid or unsupported protocol version'
  return response(stream, opcodes.error, Buffer.concat([int(0x000a), text(message)]))
}

function rowsFor(query: string): Buffer {
  if (/FROM system\.local/.test(query)) {
    return rows('local', {
      data_center: 'dc1',
      rack: 'r1',
      release_version: '4.0.0',
      partitioner: 'x.Murmur3Partitioner',
      key: 'local',
    })
  }
  return rows('none', {}, 0)
}

/** Rows of text columns: RESULT, kind 2, global table spec. */
function rows(table: string, values: Record<string, string>, count = 1): Buffer {
  const names = Object.keys(values)
  return Buffer.concat([
    int(2),
    int(1),
    int(names.length),
    text('system'),
    text(table),
    ...names.flatMap((name) => [text(name), short(0x0d)]),
    int(count),
    ...Object.values(values).flatMap((value) => [int(Buffer.byteLength(value)), Buffer.from(value)]),
  ])
}

function response(stream: number, opcode: number, body: Buffer): Buffer {
  const header = Buffer.from([0x84, 0, stream >> 8, stream & 0xff, opcode])
  return Buffer.concat([header, int(body.length), body])
}
const int = (value: number) =>
  Buffer.from([value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255])
const short = (value: number) => Buffer.from([value >> 8, value & 255])
const text = (value: string) => Buffer.concat([short(Buffer.byteLength(value)), Buffer.from(value)])
