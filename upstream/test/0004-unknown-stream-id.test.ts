/**
 * A response has a stream id that belongs to no request. Cassandra sends one while the driver searches for a version under
 * TLS 1.3 with a client certificate. The driver ignores it, and the client connects.
 */
import { execFile } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { startTestServer } from '@x/auth-testserver'

/**
 * Native protocol §9: ERROR 0x000A, which names the versions that the server supports, in a frame of the server's
 * version (4).
 */
function versionError(stream: number): Buffer {
  const message = Buffer.from(
    'Invalid or unsupported protocol version (66); supported versions are (3/v3, 4/v4)',
  )
  const body = Buffer.concat([Buffer.from([0, 0, 0, 0x0a, 0, message.length]), message])
  const header = Buffer.from([0x84, 0, stream >> 8, stream & 0xff, 0x00, 0, 0, 0, body.length])
  return Buffer.concat([header, body])
}

/** Runs in its own process, which an uncaught error would end. */
const client = `
  const { Client } = require(process.argv[1])
  const client = new Client({
    contactPoints: ['127.0.0.1:' + process.argv[2]], localDataCenter: process.argv[3],
    protocolOptions: { port: Number(process.argv[2]) }, pooling: { heartBeatInterval: 0 },
  })
  client.connect().then(() => { console.log('connected'); return client.shutdown() })
`

test('it does not end the process', async () => {
  const server = await startTestServer({ protocolVersions: [3, 4] })
  let connections = 0
  const between = createServer((socket: Socket) => {
    socket.on('error', () => {})
    if (connections++ > 0) return void socket.pipe(connect(server.port, '127.0.0.1')).pipe(socket)
    // The answer to the request, and an answer to what the server misread as another request.
    socket.once('data', () => socket.end(Buffer.concat([versionError(0x4d5f), versionError(0)])))
  })
  await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = between.address() as AddressInfo
    const driver = require.resolve('cassandra-driver')
    const args = ['--eval', client, driver, String(port), server.localDataCenter]
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 15_000 })
    expect(stdout.trim()).toBe('connected')
    expect(connections).toBeGreaterThan(1)
  } finally {
    between.close()
    await server.stop()
  }
})
