import fc from 'fast-check'
import type { TestServer } from '../src/index.js'
import { passwordAuthenticator, startTestServer } from '../src/index.js'
import { users } from './support/driver.js'
import { authResponse, errorOf, query, RawClient, request, startup } from './support/raw-client.js'

let server: TestServer
afterEach(() => server.stop())

/** Checks that the server still works. */
async function expectHealthy(): Promise<void> {
  const client = await RawClient.open(server)
  expect((await client.write(startup()).frame()).opcode).toBeLessThanOrEqual(0x03)
  client.close()
}

test.each([
  ['a body that ends early', request(0x01, Buffer.from('0001000b', 'hex')), 0x000a],
  ['a map that promises 65535 entries', request(0x01, Buffer.from('ffff', 'hex')), 0x000a],
  ['STARTUP without CQL_VERSION', request(0x01, Buffer.from('0000', 'hex')), 0x000a],
  ['an unknown opcode', request(0x77), 0x000a],
  ['an opcode of a response', request(0x02), 0x000a],
  ['a request marked as a response', request(0x01, undefined, 0x84), 0x000a],
])('%s: an ERROR on its stream, and the server goes on', async (_, bytes, code) => {
  server = await startTestServer()
  const client = await RawClient.open(server)
  expect(errorOf(await client.write(bytes).frame()).code).toBe(code)
  expect((await client.write(startup()).frame()).opcode).toBe(0x02)
  client.close()
})

test.each([
  ['3', 'Invalid version value: 3'],
  ['new', 'Invalid version value: new'],
  ['2.0.0', 'CQL version 2.0.0 is not supported by the binary protocol (supported version are >= 3.0.0)'],
])('CQL_VERSION %s is refused', async (version, message) => {
  server = await startTestServer()
  const client = await RawClient.open(server)
  const text = (value: string) => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)])
  const body = Buffer.concat([Buffer.from([0, 1]), text('CQL_VERSION'), text(version)])
  expect(errorOf(await client.write(request(0x01, body)).frame()).message).toBe(message)
  client.close()
})

test('a message before STARTUP is answered, then the connection ends', async () => {
  server = await startTestServer()
  const client = await RawClient.open(server)
  const frame = await client.write(query('SELECT * FROM system.local', 4, 9)).frame()
  expect(frame.stream).toBe(9)
  expect(errorOf(frame).message).toBe('Unexpected message QUERY, expecting STARTUP or OPTIONS')
  expect(await client.rest()).toHaveLength(0)
})

test('a response instead of a request is answered, then the connection ends', async () => {
  server = await startTestServer()
  const client = await RawClient.open(server)
  expect(errorOf(await client.write(request(0x02, undefined, 0x84)).frame()).code).toBe(0x000a)
  expect(await client.rest()).toHaveLength(0)
})

test('less than a header of a foreign protocol: the connection ends without an answer', async () => {
  server = await startTestServer()
  const client = await RawClient.open(server)
  expect(await client.write(Buffer.from('GET /')).rest()).toHaveLength(0)
})

test.each([0x7fff_ffff, 0xffff_ffff, 2000])(
  'a frame that announces %i bytes is refused before it comes',
  async (length) => {
    server = await startTestServer({ maxFrameBytes: 1024 })
    const client = await RawClient.open(server)
    const header = Buffer.from([4, 0, 0, 5, 1, 0, 0, 0, 0])
    header.writeUInt32BE(length, 5)
    const frame = await client.write(header).frame()
    expect(frame.stream).toBe(5)
    expect(errorOf(frame)).toMatchObject({
      code: 0x2200,
      message: `Request is too big: length ${length + 9} exceeds maximum allowed length 1024.`,
    })
    expect(await client.rest()).toHaveLength(0)
    await expectHealthy()
  },
)

test('a frame byte by byte, and many frames at once', async () => {
  server = await startTestServer({ authenticator: passwordAuthenticator({ users: { alice: 'secret' } }) })
  const client = await RawClient.open(server)
  for (const byte of startup()) client.write(Buffer.of(byte))
  expect((await client.frame()).opcode).toBe(0x03)
  const streams = Array.from({ length: 300 }, (_, stream) => stream)
  const queries = streams.map((stream) => query('SELECT key FROM system.local', 4, stream))
  client.write(authResponse('\0alice\0secret'), ...queries)
  await client.frame()
  const answered: number[] = []
  for (const _ of streams) answered.push((await client.frame()).stream)
  expect(answered).toEqual(streams)
  client.close()
})

test('a client that sends without end while the server works is slowed down', async () => {
  let release = () => {}
  const thinking = new Promise<void>((resolve) => {
    release = resolve
  })
  server = await startTestServer({
    maxFrameBytes: 16_384,
    query: async () => {
      await thinking
      return []
    },
  })
  const client = await RawClient.open(server)
  await client.write(startup()).frame()
  const asked = server.waitFor('query')
  const frame = query('x'.repeat(8000))
  const sent = 3000
  let accepted = 0
  for (; accepted < sent; accepted++) if (!client.socket.write(frame)) break
  await asked
  // 24 MB: the buffers of the kernel are full long before the server has read them.
  for (; accepted < sent; accepted++) client.socket.write(frame)
  for (let i = 0; i < 50; i++) await new Promise<void>((resolve) => setImmediate(resolve))
  expect(client.socket.writableLength).toBeGreaterThan(0)
  release()
  for (let i = 0; i < sent; i++) await client.frame()
  client.close()
})

test('a client that does not read its answers is not served further', async () => {
  const big = 'y'.repeat(1_000_000)
  let served = 0
  server = await startTestServer({
    maxFrameBytes: 4096,
    query: () => {
      served += 1
      return [{ big }]
    },
  })
  const client = await RawClient.open(server)
  await client.write(startup()).frame()
  client.socket.pause()
  const first = server.waitFor('query')
  for (let i = 0; i < 200; i++) client.write(query('SELECT big', 4, i))
  await first
  for (let i = 0; i < 50; i++) await new Promise<void>((resolve) => setImmediate(resolve))
  expect(served).toBeLessThan(100)
  client.socket.resume()
  for (let i = 0; i < 200; i++) expect((await client.frame()).stream).toBe(i)
  client.close()
})

test('any bytes: an ERROR, the end, or nothing; never a crash, and the next client is served', async () => {
  server = await startTestServer({ maxFrameBytes: 1024, authenticator: passwordAuthenticator({ users }) })
  const frames = fc.tuple(fc.constantFrom(1, 4, 5, 7, 9, 10, 11, 13, 15), fc.uint8Array({ maxLength: 40 }))
  const input = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .array(frames, { maxLength: 5 })
      .map((list) => Buffer.concat(list.map(([opcode, body]) => request(opcode, body)))),
  )
  await fc.assert(
    fc.asyncProperty(input, fc.boolean(), async (bytes, started) => {
      const client = await RawClient.open(server)
      if (started) client.write(startup())
      client.write(bytes)
      client.socket.end()
      await client.rest()
      await server.drained()
    }),
    { numRuns: 200 },
  )
  await expectHealthy()
})
