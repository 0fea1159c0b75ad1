/** Each level of identity checking in the guides of the Python drivers, through the stock driver. */
import { createSecureContext } from 'node:tls'
import { unverified } from '../src/danger.js'
import {
  fromLegacyOptions,
  fromSecureContext,
  mutual,
  type TlsProfile,
  verifyClient,
  verifyServer,
} from '../src/index.js'
import { type Authority, createAuthority, type Issued } from './support/certificates.js'
import { connectClient, innerError } from './support/driver.js'
import { fileWith, removeFolders } from './support/folder.js'
import { closeAll, type TestServer, tlsServer } from './support/servers.js'

let ca: Authority
let otherCa: Authority
let node: Issued
let me: Issued
const profiles: TlsProfile[] = []

beforeAll(async () => {
  ;[ca, otherCa] = await Promise.all([createAuthority(), createAuthority('Other CA')])
  node = await ca.issue({ names: ['127.0.0.1', '::1', 'db1.example', '*.nodes.example'] })
  me = await ca.issue({ commonName: 'me', names: [], usage: 'client' })
})
afterEach(async () => {
  for (const profile of profiles.splice(0)) profile.close()
  await closeAll()
})
afterAll(removeFolders)

const serve = (options: object = {}) => tlsServer({ cert: node.cert, key: node.key, ...options })
/** The server options for client_encryption_options.require_client_auth: true. */
const requiring = () => ({ ca: ca.cert, requestCert: true, rejectUnauthorized: true })

function used<T extends TlsProfile>(profile: T): T {
  profiles.push(profile)
  return profile
}

describe('no identity verification', () => {
  test('connects to any server', async () => {
    const { port } = await tlsServer(await otherCa.issue({ names: ['elsewhere.example'] }))
    expect(await connectClient(port, used(unverified()))).toEqual({})
  })
})

describe('client verifies server', () => {
  test('connects with the right CA', async () => {
    const { port } = await serve()
    expect(await connectClient(port, used(verifyServer({ ca: ca.cert })))).toEqual({})
  })

  test('refuses another CA', async () => {
    const { port } = await serve()
    const result = await connectClient(port, used(verifyServer({ ca: otherCa.cert })))
    expect(innerError(result)?.code).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
  })

  test('a spread copy refuses it too', async () => {
    const { port } = await serve()
    const copy = { ...used(verifyServer({ ca: otherCa.cert })) }
    expect(innerError(await connectClient(port, copy))?.code).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
  })

  test('a spread copy still checks the name', async () => {
    const { port } = await serve()
    const copy = { ...used(verifyServer({ ca: ca.cert, hostname: { '127.0.0.1': 'db9.example' } })) }
    expect(innerError(await connectClient(port, copy))?.code).toBe('NAME_MISMATCH')
  })
})

describe('hostname', () => {
  async function outcome(hostname: Parameters<typeof verifyServer>[0]['hostname'], names = ['db1.example']) {
    const own = await ca.issue({ names })
    const server = await tlsServer(own)
    const result = await connectClient(server.port, used(verifyServer({ ca: ca.cert, hostname })))
    return { code: innerError(result)?.code ?? 'connected', server }
  }

  test('the address must be in the certificate by default', async () => {
    expect((await outcome(undefined)).code).toBe('NAME_MISMATCH')
    expect((await outcome('address', ['127.0.0.1'])).code).toBe('connected')
  })

  test('a fixed name is checked and sent as SNI', async () => {
    const right = await outcome('db1.example')
    expect(right.code).toBe('connected')
    expect(new Set(right.server.serverNames)).toEqual(new Set(['db1.example']))
    expect((await outcome('db2.example')).code).toBe('NAME_MISMATCH')
  })

  test('a fixed address is checked and not sent', async () => {
    const { code, server } = await outcome('127.0.0.1', ['127.0.0.1'])
    expect(code).toBe('connected')
    expect(new Set(server.serverNames)).toEqual(new Set([false]))
  })

  test('a map gives each address its name, and no name is sent', async () => {
    const { code, server } = await outcome({ '127.0.0.1': 'db1.example' })
    expect(code).toBe('connected')
    expect(new Set(server.serverNames)).toEqual(new Set([false]))
    expect((await outcome(new Map([['127.0.0.1', 'db2.example']]))).code).toBe('NAME_MISMATCH')
  })

  test('an address that the map lacks is refused', async () => {
    expect((await outcome({ '10.0.0.1': 'db1.example' })).code).toBe('NAME_UNKNOWN')
  })

  test('a function gives the name, and matches wildcards', async () => {
    expect((await outcome(() => 'a.nodes.example', ['*.nodes.example'])).code).toBe('connected')
    expect((await outcome(() => 'a.b.nodes.example', ['*.nodes.example'])).code).toBe('NAME_MISMATCH')
  })

  test('a function that throws fails its connection and nothing else', async () => {
    const failing = () => {
      throw new Error('lookup failed')
    }
    expect((await outcome(failing)).code).toBe('NAME_UNKNOWN')
  })

  test('with the chain alone, any name is accepted', async () => {
    expect((await outcome(false)).code).toBe('connected')
  })

  test('IPv6 addresses are checked', async () => {
    const server = await tlsServer(node, '::1')
    expect(await connectClient(server.port, used(verifyServer({ ca: ca.cert })), '::1')).toEqual({})
    const elsewhere = await tlsServer(await ca.issue({ names: ['::2'] }), '::1')
    const result = await connectClient(elsewhere.port, used(verifyServer({ ca: ca.cert })), '::1')
    expect(innerError(result)?.code).toBe('NAME_MISMATCH')
  })
})

describe('server verifies client', () => {
  let server: TestServer
  beforeEach(async () => {
    server = await serve(requiring())
  })

  test('the certificate of the client arrives', async () => {
    expect(await connectClient(server.port, used(verifyClient({ cert: me.cert, key: me.key })))).toEqual({})
    expect(new Set(server.clients)).toEqual(new Set(['me']))
  })

  test('without a certificate, the server refuses', async () => {
    const result = await connectClient(server.port, used(verifyServer({ ca: ca.cert })))
    expect(innerError(result)?.code).toBe('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED')
  })

  test('both verify: connects with the right CA, and not with another', async () => {
    const identity = { cert: me.cert, key: me.key }
    expect(await connectClient(server.port, used(mutual({ ca: ca.cert, ...identity })))).toEqual({})
    const result = await connectClient(server.port, used(mutual({ ca: otherCa.cert, ...identity })))
    // This server also sends its root, so OpenSSL reports the same problem in another way.
    expect(innerError(result)?.code).toBe('SELF_SIGNED_CERT_IN_CHAIN')
  })

  test('TLS 1.3 with a client certificate works if you ask for it', async () => {
    const profile = used(mutual({ ca: ca.cert, cert: me.cert, key: me.key, maxVersion: 'TLSv1.3' }))
    const options = { protocolOptions: { maxVersion: 4 } }
    expect(await connectClient(server.port, profile, '127.0.0.1', options)).toEqual({})
  })
})

describe('your own context', () => {
  test('verifies with the CAs of the context', async () => {
    const { port } = await serve()
    const right = fromSecureContext(createSecureContext({ ca: ca.cert }))
    const wrong = fromSecureContext(createSecureContext({ ca: otherCa.cert }))
    expect(await connectClient(port, right)).toEqual({})
    expect(innerError(await connectClient(port, wrong))?.code).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
  })

  test('checks the name', async () => {
    const { port } = await serve()
    const profile = fromSecureContext(createSecureContext({ ca: ca.cert }), { hostname: 'db9.example' })
    expect(innerError(await connectClient(port, profile))?.code).toBe('NAME_MISMATCH')
  })
})

describe("the Python drivers' ssl_options", () => {
  const files = () => ({
    caCerts: fileWith(ca.cert),
    other: fileWith(otherCa.cert),
    certfile: fileWith(me.cert),
    keyfile: fileWith(me.key),
  })

  test('cert_reqs none verifies nothing', async () => {
    const { port } = await tlsServer(await otherCa.issue())
    expect(await connectClient(port, used(fromLegacyOptions({ certReqs: 'none' })))).toEqual({})
  })

  test.each(['optional', 'required', 'CERT_OPTIONAL', 'CERT_REQUIRED', undefined] as const)(
    'cert_reqs %s verifies the chain',
    async (certReqs) => {
      const { port } = await serve()
      const { caCerts, other } = files()
      expect(await connectClient(port, used(fromLegacyOptions({ caCerts, certReqs })))).toEqual({})
      const result = await connectClient(port, used(fromLegacyOptions({ caCerts: other, certReqs })))
      expect(innerError(result)?.code).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
    },
  )

  test('certfile and keyfile reach a server that requires them', async () => {
    const server = await serve(requiring())
    const { caCerts, certfile, keyfile } = files()
    expect(await connectClient(server.port, used(fromLegacyOptions({ caCerts, certfile, keyfile })))).toEqual(
      {},
    )
    expect(server.clients).toContain('me')
  })

  test('server_hostname is checked, and sent even if it is not checked', async () => {
    const server = await serve()
    const { caCerts } = files()
    const wrong = used(fromLegacyOptions({ caCerts, serverHostname: 'db9.example' }))
    expect(innerError(await connectClient(server.port, wrong))?.code).toBe('NAME_MISMATCH')
    const unchecked = used(
      fromLegacyOptions({ caCerts, serverHostname: 'db9.example', checkHostname: false }),
    )
    expect(await connectClient(server.port, unchecked)).toEqual({})
    expect(server.serverNames).toContain('db9.example')
  })

  test('ssl_version pins one version, ciphers one suite', async () => {
    const server = await serve()
    const protocols: (string | null)[] = []
    ;(server.server as import('node:tls').Server).on('secureConnection', (socket) => {
      protocols.push(socket.getProtocol(), socket.getCipher().name)
    })
    const options = { sslVersion: 'PROTOCOL_TLSv1_2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' } as const
    const profile = used(fromLegacyOptions({ caCerts: files().caCerts, ...options }))
    expect(await connectClient(server.port, profile)).toEqual({})
    expect(new Set(protocols)).toEqual(new Set(['TLSv1.2', 'ECDHE-ECDSA-AES128-GCM-SHA256']))
  })
})
