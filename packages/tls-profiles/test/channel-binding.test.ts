import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { channelBindingOf, endPointHash } from '../src/lib/connection/channel-binding.js'
import { createAuthority } from './support/certificates.js'
import { closeAll, connectAsDriver, tlsServer } from './support/servers.js'

/** The cases were made with OpenSSL and scramp: see the file. */
const { cases } = JSON.parse(readFileSync(join(__dirname, '../../../vectors/scram-plus.json'), 'utf8')) as {
  cases: { name: string; binding: { base64: string; certificate: string } }[]
}

test.each(cases)('$name', ({ binding }) => {
  const certificate = Buffer.from(binding.certificate, 'base64')
  const hash = endPointHash(certificate)
  expect(
    createHash(hash ?? '')
      .update(certificate)
      .digest('base64'),
  ).toBe(binding.base64)
})

test('a certificate signed with Ed25519 has no hash, and bytes that are not a certificate have none', () => {
  const sequence = (...parts: Buffer[]) => {
    const contents = Buffer.concat(parts)
    return Buffer.concat([Buffer.from([0x30, contents.length]), contents])
  }
  const ed25519 = Buffer.from([0x06, 0x03, 0x2b, 0x65, 0x70])
  expect(endPointHash(sequence(sequence(), sequence(ed25519)))).toBeUndefined()
  expect(endPointHash(Buffer.from('no certificate'))).toBeUndefined()
  expect(endPointHash(Buffer.alloc(0))).toBeUndefined()
})

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', (maxVersion) => {
  afterEach(closeAll)

  /** A server whose certificate has an intermediate certificate. */
  async function serve() {
    const ca = await createAuthority()
    const intermediate = await ca.intermediate('Intermediate CA')
    const { cert, key, x509 } = await intermediate.issue({ names: ['db.example'] })
    const { server, port } = await tlsServer({ cert: cert + intermediate.cert, key, maxVersion })
    server.on('secureConnection', (socket: TLSSocket) => socket.write('hello'))
    const expected = createHash('sha256').update(Buffer.from(x509.rawData)).digest('hex')
    return { port, options: { ca: ca.cert, servername: 'db.example' }, expected }
  }
  const bound = (socket: TLSSocket) =>
    Buffer.from(channelBindingOf(socket, 'tls-server-end-point') ?? []).toString('hex')

  test('the end point is the same at each call', async () => {
    const { port, options, expected } = await serve()
    const socket = await connectAsDriver(port, options)
    expect([bound(socket), bound(socket)]).toEqual([expected, expected])
  })

  test('a resumed session has the end point of its first handshake, and the session stays usable', async () => {
    const { port, options, expected } = await serve()
    const first = await connectAsDriver(port, options)
    // With TLS 1.2 the session is part of the handshake.
    const session = maxVersion === 'TLSv1.2' ? first.getSession() : (await once(first, 'session'))[0]
    for (let again = 0; again < 2; again++) {
      const socket = await connectAsDriver(port, { ...options, session })
      expect(socket.isSessionReused()).toBe(true)
      expect([bound(socket), bound(socket)]).toEqual([expected, expected])
    }
  })
})
