import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import * as tls from 'node:tls'
import { verifyServer } from '../src/index.js'
import type { ConnectionRecord, LoginListener } from '../src/lib/connection/connection-record.js'
import { FrameReader, unreadable } from '../src/lib/connection/frame-reader.js'
import { createAuthority } from './support/certificates.js'
import { closeAll, connectAsDriver, tlsServer } from './support/servers.js'

const delivery = () =>
  (globalThis as never as { [key: symbol]: { current: ConnectionRecord | undefined } })[
    Symbol.for('@x/tls:connection')
  ] as { current: ConnectionRecord | undefined }

/** A frame of version 4 on stream 0. */
function frame(opcode: number, body: Buffer = Buffer.alloc(0), { version = 0x84, flags = 0 } = {}): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  const stream = (version & 0x7f) < 3 ? [0] : [0, 0]
  return Buffer.concat([Buffer.from([version, flags, ...stream, opcode]), length, body])
}
const short = (value: number) => Buffer.from([value >> 8, value & 0xff])
const int = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
const text = (value: string) => Buffer.concat([short(Buffer.byteLength(value)), Buffer.from(value)])
const token = (value: string) => Buffer.concat([int(value.length), Buffer.from(value)])

const authenticate = frame(0x03, text('org.example.Authenticator'))
const success = (value: string) => frame(0x10, token(value))
const ready = frame(0x02)
const error = (code: number, message: string) => frame(0x00, Buffer.concat([int(code), text(message)]))

/** The fields that the flags of a header put before the body, v4 §2.2. */
const traced = Buffer.alloc(16, 7)
const warned = Buffer.concat([short(2), text('first'), text('')])
const payload = Buffer.concat([short(2), text('key'), token('value'), text('none'), int(-1)])

let ca: Awaited<ReturnType<typeof createAuthority>>
let issued: Awaited<ReturnType<typeof ca.issue>>
beforeAll(async () => {
  ca = await createAuthority()
  issued = await ca.issue()
})
afterEach(closeAll)

/** A TLS server whose test writes to the sockets, and a connection to it in the way of the driver. */
async function connection(profile: object = verifyServer({ ca: ca.cert })) {
  const accepted: TLSSocket[] = []
  const { server, port } = await tlsServer({ cert: issued.cert, key: issued.key })
  server.removeAllListeners('secureConnection')
  server.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', () => undefined)
    accepted.push(socket)
  })
  const socket = await connectAsDriver(port, profile)
  while (accepted.length === 0) await new Promise((resolve) => setImmediate(resolve))
  return { port, socket, peer: accepted[0] as TLSSocket }
}

/** Reads like the driver, and claims the connection at an AUTHENTICATE, because then the driver calls `newAuthenticator`. */
function driver(socket: Socket, endpoint: string, listener?: Partial<LoginListener>) {
  const seen: { bytes: Buffer; claimed: boolean; token: unknown }[] = []
  let wake = () => {}
  let length = 0
  socket.on('data', (bytes: Buffer) => {
    length += bytes.length
    const record = delivery().current
    const { refused = () => {}, lost = () => {} } = listener ?? {}
    const claimed = record?.claim(endpoint, { refused, lost }) ?? false
    seen.push({ bytes, claimed, token: record?.successToken })
    wake()
  })
  const bytes = () => Buffer.concat(seen.map((each) => each.bytes))
  return {
    seen,
    bytes,
    async until(wanted: number) {
      while (length < wanted) await new Promise<void>((resolve) => (wake = resolve))
    },
  }
}

describe('frames', () => {
  const frames = [
    authenticate,
    frame(0x0e, token('challenge')),
    frame(0x0e, Buffer.alloc(70_000, 1)),
    frame(0x10, token('traced'), { flags: 2 }),
    success('proof'),
    ready,
  ]
  const stream = Buffer.concat(frames)
  const whole = ['3:27', '14:13', '14:-', '16:-', '16:9', '2:0']

  test('are found for every cut', () => {
    for (const size of [1, 2, 3, 7, 8, 9, 10, 13, 64, 4_096, stream.length]) {
      const found: string[] = []
      const reader = new FrameReader({
        began: () => undefined,
        ended: (opcode, body) => found.push(`${opcode}:${body?.length ?? '-'}`),
      })
      for (let at = 0; at < stream.length; at += size) {
        for (let rest = stream.subarray(at, at + size); rest.length > 0; )
          rest = rest.subarray(reader.read(rest))
      }
      expect(found).toEqual(whole)
    }
  })

  test('are read only to their end', () => {
    const reader = new FrameReader({ began: () => undefined, ended: () => undefined })
    let rest = stream
    for (const each of frames) {
      const end = reader.read(rest)
      expect(end).toBe(each.length)
      rest = rest.subarray(end)
    }
  })

  test('of version 1 have a shorter header', () => {
    const found: number[] = []
    const reader = new FrameReader({ began: () => undefined, ended: (opcode) => found.push(opcode) })
    for (const each of [authenticate, ready]) {
      const old = frame(each[4] as number, each.subarray(9), { version: 0x81 })
      expect(reader.read(old)).toBe(old.length)
    }
    expect(found).toEqual([3, 2])
  })

  test.each([
    ['no version', [0x80]],
    ['version 2 after version 4', [0x84, 0x82]],
    ['version 4 after version 1', [0x81, 0x84]],
  ])('are not searched where the driver would read at another place: %s', (_, versions) => {
    const found: number[] = []
    const reader = new FrameReader({ began: () => undefined, ended: (opcode) => found.push(opcode) })
    const read = (version: number) =>
      reader.read(Buffer.concat([frame(0x0e, token('x'), { version }), ready]))
    for (const version of versions.slice(0, -1)) reader.read(frame(0x0e, token('x'), { version }))
    expect(read(versions.at(-1) as number)).toBeGreaterThan(ready.length + 12)
    expect(found.at(-1)).toBe(unreadable)
  })

  const bodyOf = (bytes: Buffer) => {
    let found: Buffer | undefined
    new FrameReader({ began: () => undefined, ended: (_, body) => (found = body) }).read(bytes)
    return found
  }

  test.each([
    ['3', 'a tracing id', 2, [traced]],
    ['4', 'no field', 0, []],
    ['4', 'the flag of a beta version', 0x10, []],
    ['4', 'a tracing id', 2, [traced]],
    ['4', 'a payload', 4, [payload]],
    ['4', 'both', 6, [traced, payload]],
    ['4', 'warnings', 8, [warned]],
    ['4', 'warnings and a payload', 12, [warned, payload]],
    ['4', 'all', 14, [traced, warned, payload]],
    ['DSE 2', 'all', 14, [traced, warned, payload]],
  ])('of version %s: a body after %s', (version, _, flags, fields) => {
    const number = version === 'DSE 2' ? 0xc2 : 0x80 + Number(version)
    const whole = frame(0x10, Buffer.concat([...fields, token('proof')]), { flags, version: number })
    expect(bodyOf(whole)).toEqual(token('proof'))
  })

  test.each([
    ['compressed', 1, 4, [token('proof')]],
    ['warned in version 3, which has no warnings', 8, 3, [warned, token('proof')]],
    ['with a payload in version 1', 4, 1, [payload, token('proof')]],
    ['traced, and shorter than a tracing id', 2, 4, [traced.subarray(1)]],
    ['warned, with a longer list than the body', 8, 4, [short(0xffff), warned]],
    ['warned, with no list', 8, 4, [Buffer.of(0)]],
    ['with a payload that ends after the body', 4, 4, [short(1), text('key'), int(100), Buffer.alloc(9)]],
  ])('whose body cannot be read: %s', (_, flags, version, parts) => {
    expect(bodyOf(frame(0x10, Buffer.concat(parts), { flags, version: 0x80 + version }))).toBeUndefined()
  })

  test('the opcode is known before the body', () => {
    const began: number[] = []
    const reader = new FrameReader({ began: (opcode) => began.push(opcode), ended: () => undefined })
    reader.read(authenticate.subarray(0, 8))
    expect(began).toEqual([])
    reader.read(authenticate.subarray(8, 9))
    expect(began).toEqual([3])
  })
})

describe('a login', () => {
  test('finds its own connection, once, and the token of its success, cut anywhere', async () => {
    const { port, socket, peer } = await connection()
    const reading = driver(socket, `127.0.0.1:${port}`)
    const all = Buffer.concat([authenticate, frame(0x0e, token('more')), success('proof'), success('later')])
    for (const byte of all.subarray(0, 20)) peer.write(Buffer.of(byte))
    peer.write(all.subarray(20))
    await reading.until(all.length)
    expect(reading.bytes()).toEqual(all)
    expect(reading.seen.filter(({ claimed }) => claimed)).toHaveLength(1)
    const tokens = reading.seen.map((each) => each.token).filter((each) => each !== undefined)
    expect(tokens.map(String)).toEqual(['proof'])
    expect(delivery().current).toBeUndefined()
  })

  test.each([
    ['at another port', (port: number) => `127.0.0.1:${port + 1}`],
    ['at another address', (port: number) => `127.0.0.2:${port}`],
    ['at a text that is not an address', () => 'nonsense'],
  ])('a login %s gets no record', async (_, endpoint) => {
    const { port, socket, peer } = await connection()
    const reading = driver(socket, endpoint(port))
    peer.write(authenticate)
    await reading.until(authenticate.length)
    expect(reading.seen.some(({ claimed }) => claimed)).toBe(false)
  })

  test.each([
    ['none', frame(0x10, int(-1)), null],
    ['READY', ready, null],
    ['too long', frame(0x10, token('x'.repeat(20_000))), undefined],
    ['cut short', frame(0x10, Buffer.concat([int(5), Buffer.from('abc')])), undefined],
    ['no body', frame(0x10), undefined],
  ])('a token that is %s', async (_, answer, expected) => {
    const { port, socket, peer } = await connection()
    const reading = driver(socket, `127.0.0.1:${port}`)
    peer.write(authenticate)
    await reading.until(authenticate.length)
    peer.write(answer)
    await reading.until(authenticate.length + answer.length)
    expect(reading.seen.at(-1)?.token).toBe(expected)
  })

  test('reads a refusal after the fields of its frame', async () => {
    const { port, socket, peer } = await connection()
    const heard = new Promise((resolve) => {
      driver(socket, `127.0.0.1:${port}`, { refused: (...said) => resolve(said) })
    })
    peer.write(authenticate)
    await once(socket, 'data')
    const message = error(0x0100, 'no').subarray(9)
    peer.write(frame(0x00, Buffer.concat([traced, warned, payload, message]), { flags: 14 }))
    expect(await heard).toEqual([0x0100, 'no'])
  })

  test('gets the refusal before the driver', async () => {
    const { port, socket, peer } = await connection()
    const order: unknown[] = []
    const reading = driver(socket, `127.0.0.1:${port}`, { refused: (...said) => order.push(said) })
    socket.on('data', () => order.push('data'))
    peer.write(authenticate)
    await reading.until(authenticate.length)
    peer.write(error(0x0100, 'Provided username and/or password are incorrect'))
    await reading.until(authenticate.length + 1)
    expect(order).toEqual(['data', [0x0100, 'Provided username and/or password are incorrect'], 'data'])
  })

  test.each([
    ['in order', ({ peer }: { peer: TLSSocket }) => peer.end(), false],
    ['with an error', ({ socket }: { socket: TLSSocket }) => socket.destroy(new Error('reset')), true],
  ])('gets notice that the connection ended %s', async (_, end, known) => {
    const { port, ...sockets } = await connection()
    const heard = new Promise((resolve) => {
      driver(sockets.socket, `127.0.0.1:${port}`, { lost: resolve })
    })
    sockets.peer.write(authenticate)
    await once(sockets.socket, 'data')
    end(sockets)
    expect(await heard).toBe(known)
  })
})

describe('a connection', () => {
  test('that ends before the server has answered ends with an error, and after an ERROR without', async () => {
    const first = await connection()
    first.socket.resume()
    first.peer.end(frame(0x03).subarray(0, 4))
    const [lost] = await once(first.socket, 'error')
    expect(lost.code).toBe('ECONNRESET')

    const second = await connection()
    second.socket.resume()
    second.socket.on('error', () => expect('an error').toBe('none'))
    second.peer.end(error(0x000a, 'Invalid or unsupported protocol version'))
    expect(await once(second.socket, 'close')).toEqual([false])
  })

  test('ends normally after the login', async () => {
    const { port, socket, peer } = await connection()
    const reading = driver(socket, `127.0.0.1:${port}`)
    socket.on('error', () => expect('an error').toBe('none'))
    peer.write(Buffer.concat([authenticate, success('proof')]))
    await reading.until(authenticate.length)
    peer.end('the rest')
    expect(await once(socket, 'close')).toEqual([false])
    expect(reading.bytes().toString('latin1')).toContain('the rest')
  })

  test('that is paused stops reading, and loses nothing', async () => {
    const { port, socket, peer } = await connection()
    const reading = driver(socket, `127.0.0.1:${port}`)
    const bulk = Buffer.alloc(32 * 1024 * 1024, 'rows of a table ')
    peer.write(Buffer.concat([authenticate, success('proof')]))
    await reading.until(authenticate.length + success('proof').length)
    socket.pause()
    peer.write(bulk)
    // Only as much as the buffers of the system hold.
    let before = -1
    while (before !== socket.bytesRead) {
      before = socket.bytesRead
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(socket.readableLength).toBeLessThan(1024 * 1024)
    expect(socket.bytesRead).toBeLessThan(bulk.length / 2)
    socket.resume()
    const start = authenticate.length + success('proof').length
    await reading.until(start + bulk.length)
    expect(reading.bytes().subarray(start).equals(bulk)).toBe(true)
  })

  test('of a spread copy has its own record', async () => {
    const copy = { ...verifyServer({ ca: ca.cert }) }
    const [first, second] = [await connection(copy), await connection(copy)]
    const readings = [first, second].map(({ socket, port }) => driver(socket, `127.0.0.1:${port}`))
    first.peer.write(Buffer.concat([authenticate, success('first')]))
    second.peer.write(Buffer.concat([authenticate, success('second')]))
    await readings[0]?.until(authenticate.length + success('first').length)
    await readings[1]?.until(authenticate.length + success('second').length)
    expect(readings.map(({ seen }) => String(seen.at(-1)?.token))).toEqual(['first', 'second'])
    expect(readings.map(({ seen }) => seen.filter(({ claimed }) => claimed).length)).toEqual([1, 1])
  })
})

test('if the runtime does not show which connection it reads, the next ones have no record, and explain() says so', async () => {
  await jest.isolateModulesAsync(async () => {
    const { verifyServer: fresh } = await import('../src/index.js')
    const profile = fresh({ ca: ca.cert })
    const { onread, signal } = profile
    expect(profile.explain().connectionRecord).toBe(true)
    const aborted = once(signal as AbortSignal, 'abort')
    // Like Bun 1.4.
    onread?.callback.call(undefined as never, 1, Buffer.alloc(9))
    await aborted
    expect(signal?.reason).toMatchObject({ code: 'CONNECTION_NOT_SEEN' })
    expect(profile.onread).toBeUndefined()
    expect(profile.signal).toBeUndefined()
    expect(profile.explain()).toMatchObject({
      connectionRecord: false,
      text: expect.stringContaining('not seen'),
    })
  })
})

test('Node.js still supports onread and signal of tls.connect, with the socket as this', async () => {
  const { port } = await tlsServer({ cert: issued.cert, key: issued.key })
  const abort = new AbortController()
  const seen: unknown[] = []
  const socket = tls.connect(port, '127.0.0.1', {
    ca: ca.cert,
    signal: abort.signal,
    onread: {
      buffer: () => Buffer.alloc(100),
      callback(this: unknown) {
        seen.push(this)
        return true
      },
    },
  } as tls.ConnectionOptions)
  await once(socket, 'secureConnect')
  socket.write(Buffer.from([4, 0, 0, 0, 5, 0, 0, 0, 0]))
  while (seen.length === 0) await new Promise((resolve) => setImmediate(resolve))
  expect(seen[0]).toBe(socket)
  abort.abort()
  const [reason] = await once(socket, 'error')
  expect(reason.name).toBe('AbortError')
})
