import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import {
  type CertificateAuthority,
  type Certificates,
  createCertificateAuthority,
  createCertificates,
  createSelfSigned,
  passwordAuthenticator,
  type ServerTlsOptions,
  startTestServer,
} from '@x/auth-testserver'
import type { Given } from '../src/options.js'
import { codesOf, examine, passwordLogin, sentinel } from './support/doctor.js'
import { temporaryFolder } from './support/folder.js'
import { withConnectionsUnseen } from './support/unseen.js'
import { weakCertificate } from './support/weak-certificates.js'

const folder = temporaryFolder()
let certs: Certificates
let ca: string

beforeAll(async () => {
  certs = await createCertificates()
  ca = folder.write('ca.pem', certs.ca.root.certPem)
})
afterAll(() => folder.remove())

const authenticator = passwordAuthenticator({ users: { app: sentinel } })

async function withTls(tls: ServerTlsOptions, more: Partial<Given> = {}) {
  const server = await startTestServer({ tls, authenticator })
  try {
    return await examine(server.port, { login: passwordLogin(), ca: [ca], ...more })
  } finally {
    await server.stop()
  }
}

const good = (): ServerTlsOptions => ({ cert: certs.server.chainPem, key: certs.server.keyPem })

test('a good chain: fine, and the tree ends at the CA that was given', async () => {
  const report = await withTls(good())
  expect(report.verdict.code).toBe('FINE')
  expect(report.exitCode).toBe(0)
  expect(report.tls?.trustedBy).toEqual({ subject: 'CN=Test CA', from: 'ca' })
  expect(report.tls?.hostnamePolicies[0]).toEqual({ policy: 'address', passes: true })
  expect(report.tls?.versions.filter(({ accepted }) => accepted).map(({ version }) => version)).toEqual([
    'TLSv1.2',
    'TLSv1.3',
  ])
  expect(report.login?.outcome).toBe('success')
})

test('a runtime that does not show how logins end, as Bun, is a note', async () => {
  const report = await withConnectionsUnseen(() => withTls(good()))
  expect(codesOf(report)).toEqual(['LOGINS_NOT_SEEN'])
  expect(report.exitCode).toBe(0)
})

describe('each broken chain has its verdict, and gets no password', () => {
  const broken: readonly (readonly [
    string,
    string,
    () => Promise<{ tls: ServerTlsOptions; ca?: string }>,
  ])[] = [
    [
      'expired',
      'SERVER_CERTIFICATE_EXPIRED',
      async () => ({ tls: { cert: certs.expired.chainPem, key: certs.expired.keyPem } }),
    ],
    [
      'not yet valid',
      'SERVER_CERTIFICATE_NOT_YET_VALID',
      async () => ({ tls: { cert: certs.notYetValid.chainPem, key: certs.notYetValid.keyPem } }),
    ],
    [
      'another name',
      'NAME_MISMATCH',
      async () => {
        const { chainPem, keyPem } = await certs.ca.issue({ names: ['other.example', '192.0.2.1'] })
        return { tls: { cert: chainPem, key: keyPem } }
      },
    ],
    [
      'another CA',
      'UNKNOWN_CA',
      async () => ({ tls: { cert: certs.otherCa.chainPem, key: certs.otherCa.keyPem } }),
    ],
    [
      'self-signed',
      'SELF_SIGNED',
      async () => {
        const { chainPem, keyPem } = await createSelfSigned({ names: ['127.0.0.1'] })
        return { tls: { cert: chainPem, key: keyPem } }
      },
    ],
    [
      'no intermediate',
      'UNKNOWN_CA',
      async () => {
        const { certPem, keyPem } = await (await certs.ca.intermediate()).issue({ names: ['127.0.0.1'] })
        return { tls: { cert: certPem, key: keyPem } }
      },
    ],
    [
      'SHA-1',
      'CERTIFICATE_SIGNATURE_WEAK',
      async () => {
        const { ca, cert, key } = await weakCertificate({ hash: 'SHA-1' })
        return { tls: { cert, key, ciphers: 'DEFAULT@SECLEVEL=0' }, ca }
      },
    ],
    [
      'small key',
      'CERTIFICATE_KEY_WEAK',
      async () => {
        const { ca, cert, key } = await weakCertificate({ bits: 1024 })
        return { tls: { cert, key, ciphers: 'DEFAULT@SECLEVEL=0' }, ca }
      },
    ],
    [
      'TLS 1.0 only',
      'TLS_VERSION_OLD',
      async () => ({
        tls: { ...good(), minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' },
      }),
    ],
  ]

  test.each(broken)('%s: %s', async (name, code, make) => {
    const { tls, ca: own } = await make()
    const server = await startTestServer({ tls, authenticator })
    try {
      const files = own === undefined ? [ca] : [folder.write(`${name}.pem`, own)]
      const report = await examine(server.port, { login: passwordLogin(), ca: files })
      expect(report.verdict.code).toBe(code)
      // Whether OpenSSL refuses this key depends on its version.
      if (name === 'small key') return
      expect(report.login?.outcome).toBe('withheld')
      expect(codesOf(report)).toContain('LOGIN_WITHHELD')
      const sent = server.transcript({ redact: false }).filter(({ message }) => message === 'AUTH_RESPONSE')
      expect(sent).toEqual([])
    } finally {
      await server.stop()
    }
  })
})

test('an intermediate that the client has and the server does not send is a warning', async () => {
  const middle = await certs.ca.intermediate()
  const { certPem, keyPem } = await middle.issue({ names: ['127.0.0.1'] })
  const bundle = folder.write('bundle.pem', certs.ca.root.certPem + middle.certPem)
  const report = await withTls({ cert: certPem, key: keyPem }, { ca: [bundle] })
  expect(report.verdict).toMatchObject({ code: 'CHAIN_INCOMPLETE', severity: 'warning' })
})

test('a revoked certificate, with the list', async () => {
  const crl = folder.write('crl.pem', await certs.ca.crl([certs.server.serialNumber]))
  const report = await withTls(good(), { crl: [crl] })
  expect(report.verdict.code).toBe('SERVER_CERTIFICATE_REVOKED')
})

test('a private CA and no --ca', async () => {
  const report = await withTls(good(), { ca: [] })
  expect(codesOf(report)).toContain('TLS_CA_NOT_GIVEN')
  expect(report.tls?.verified).toBe(false)
})

test('a CA file that is none is the finding of the profile', async () => {
  const report = await withTls(good(), { ca: [folder.write('no.pem', 'nothing')] })
  expect(codesOf(report)).toContain('CERTIFICATE_MISSING')
})

test('a CA of the same name and another key is named as such', async () => {
  const again: CertificateAuthority = await createCertificateAuthority()
  const report = await withTls(good(), { ca: [folder.write('again.pem', again.certPem)] })
  expect(report.findings[0]).toMatchObject({
    code: 'UNKNOWN_CA',
    detail: expect.stringContaining('another key'),
  })
})

test('soon expired', async () => {
  const notAfter = new Date(Date.now() + 5.5 * 86_400_000)
  const { chainPem, keyPem } = await certs.ca.issue({
    names: ['127.0.0.1'],
    notAfter,
    notBefore: new Date(Date.now() - 300 * 86_400_000),
  })
  const report = await withTls({ cert: chainPem, key: keyPem })
  expect(report.verdict.code).toBe('CERTIFICATE_EXPIRES_SOON')
  expect(report.tls?.chain[0]?.daysLeft).toBe(5)
})

describe('client certificates', () => {
  const client = async (ca: CertificateAuthority) => {
    const { chainPem, keyPem } = await ca.issue({ uris: ['spiffe://test.example/app'] })
    return { cert: folder.write('client.pem', chainPem), key: folder.write('client.key', keyPem) }
  }

  describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', (maxVersion) => {
    const requiring = (): ServerTlsOptions => ({
      ...good(),
      ca: certs.ca.certPem,
      requestClientCertificate: 'require',
      minVersion: maxVersion,
      maxVersion,
    })

    test('required and not given', async () => {
      const report = await withTls(requiring())
      expect(report.verdict.code).toBe('CLIENT_CERTIFICATE_REQUIRED')
      expect(report.tls?.clientCertificate).toMatchObject({ requested: true, required: true, sent: false })
    })

    test('required and accepted', async () => {
      const report = await withTls(requiring(), await client(certs.ca))
      expect(report.verdict.code).toBe('FINE')
      expect(report.tls?.clientCertificate).toEqual({
        requested: true,
        required: true,
        sent: true,
        accepted: true,
      })
    })

    test('of a CA that the server does not know', async () => {
      const report = await withTls(
        requiring(),
        await client(await createCertificateAuthority({ name: 'Stranger' })),
      )
      expect(report.verdict.code).toBe('CLIENT_CERTIFICATE_REFUSED')
    })
  })

  test('asked for and not needed: seen in the clear under TLS 1.2', async () => {
    const report = await withTls({ ...good(), ca: certs.ca.certPem, requestClientCertificate: 'request' })
    expect(report.tls?.clientCertificate).toMatchObject({ requested: true, required: false })
    expect(codesOf(report)).toEqual(['CLIENT_CERTIFICATE_OPTIONAL'])
  })

  test('given and not asked for', async () => {
    const report = await withTls(good(), await client(certs.ca))
    expect(codesOf(report)).toContain('CLIENT_CERTIFICATE_NOT_ASKED')
  })
})

test('what is inside TLS and no CQL', async () => {
  const server = createServer({ cert: certs.server.chainPem, key: certs.server.keyPem }, (socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const report = await examine((server.address() as AddressInfo).port)
  await new Promise((resolve) => {
    server.close(resolve)
  })
  expect(report.verdict.code).toBe('TLS_WITHOUT_CQL')
})

test('a server that wants a certificate, and is gone before it says so', async () => {
  const server = createServer(
    {
      cert: certs.server.chainPem,
      key: certs.server.keyPem,
      ca: certs.ca.certPem,
      requestCert: true,
      rejectUnauthorized: false,
    },
    (socket) => {
      socket.on('error', () => socket.destroy())
      if (!socket.authorized) socket.destroy()
    },
  )
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const report = await examine((server.address() as AddressInfo).port, { ca: [ca] })
  await new Promise((resolve) => {
    server.close(resolve)
  })
  expect(report.listener).toBe('cql over tls')
  expect(report.verdict.code).toBe('CLIENT_CERTIFICATE_REQUIRED')
})
