import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { ConnectionOptions } from 'node:tls'
import { connect } from 'node:tls'
import type { IssuedCertificate, ServerTlsOptions, TestServer } from '../src/index.js'
import {
  createCertificateAuthority,
  createCertificates,
  createSelfSigned,
  startTestServer,
} from '../src/index.js'

/** The result of a TLS client: `authorized`, or the reason why not. */
async function verdict(tls: ServerTlsOptions, options: ConnectionOptions): Promise<string> {
  const server: TestServer = await startTestServer({ tls })
  try {
    return await new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: server.port, ...options }, () => {
        resolve('authorized')
        socket.destroy()
      })
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    })
  } finally {
    await server.stop()
  }
}

const serving = ({ chainPem, keyPem }: IssuedCertificate): ServerTlsOptions => ({
  cert: chainPem,
  key: keyPem,
})

describe('certificates', () => {
  test('an authority is marked as one; a leaf is not, and has its names', async () => {
    const ca = await createCertificateAuthority({ name: 'Odd, "CA" + #1' })
    const own = new X509Certificate(ca.certPem)
    expect(own.ca).toBe(true)
    expect(own.subject).toBe('CN=Odd\\, \\"CA\\" \\+ #1')
    expect(own.verify(own.publicKey)).toBe(true)
    const issued = await ca.issue({
      names: ['127.0.0.1', 'db.example', '::1'],
      uris: ['spiffe://test.example/app'],
      usage: 'both',
    })
    const leaf = new X509Certificate(issued.certPem)
    expect(leaf.ca).toBe(false)
    expect(leaf.subjectAltName).toBe(
      'IP Address:127.0.0.1, DNS:db.example, IP Address:0:0:0:0:0:0:0:1, URI:spiffe://test.example/app',
    )
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])
    expect(leaf.subject).toBe('CN=127.0.0.1')
    expect(leaf.serialNumber.toLowerCase()).toBe(issued.serialNumber.toLowerCase())
    expect(leaf.checkIssued(own)).toBe(true)
    expect(leaf.verify(own.publicKey)).toBe(true)
    expect(leaf.checkPrivateKey(createPrivateKey(issued.keyPem))).toBe(true)
  })

  test('validity, key type and common name are those of the options', async () => {
    const ca = await createCertificateAuthority({ keyType: 'rsa' })
    const notBefore = new Date('2030-01-01T00:00:00Z')
    const notAfter = new Date('2060-01-01T00:00:00Z')
    const issued = await ca.issue({ commonName: 'only a name', keyType: 'rsa', notBefore, notAfter })
    const leaf = new X509Certificate(issued.certPem)
    expect(new Date(leaf.validFrom)).toEqual(notBefore)
    expect(new Date(leaf.validTo)).toEqual(notAfter)
    expect(leaf.publicKey).toMatchObject({
      asymmetricKeyType: 'rsa',
      asymmetricKeyDetails: { modulusLength: 2048 },
    })
    expect(leaf.subjectAltName).toBeUndefined()
    expect(leaf.verify(new X509Certificate(ca.certPem).publicKey)).toBe(true)
  })

  test('without a subject, and renewed with the same key', async () => {
    for (const keyType of ['ec', 'rsa'] as const) {
      const ca = await createCertificateAuthority()
      const old = await ca.issue({ names: ['127.0.0.1'], keyType })
      const renewed = await ca.issue({ names: ['127.0.0.1'], commonName: false, renews: old })
      expect(renewed.keyPem).toBe(old.keyPem)
      const [before, after] = [old, renewed].map(({ certPem }) => new X509Certificate(certPem))
      expect(after?.subject).toBeUndefined()
      expect(after?.publicKey.equals(before?.publicKey as KeyObject)).toBe(true)
      expect(after?.serialNumber).not.toBe(before?.serialNumber)
      expect(await verdict(serving(renewed), { ca: ca.certPem })).toBe('authorized')
    }
  })

  test('serial numbers differ, and are positive', async () => {
    const ca = await createCertificateAuthority()
    const serials = await Promise.all(Array.from({ length: 10 }, async () => (await ca.issue()).serialNumber))
    expect(new Set(serials).size).toBe(10)
    for (const serial of serials) expect(Number.parseInt(serial.slice(0, 2), 16)).toBeLessThan(0x80)
  })

  test('intermediates: the chain is verified from the root alone, and not without the intermediate', async () => {
    const root = await createCertificateAuthority()
    const middle = await root.intermediate()
    const lower = await middle.intermediate({ name: 'Lower CA', keyType: 'rsa' })
    const issued = await lower.issue({ names: ['127.0.0.1'] })
    expect(lower.root.certPem).toBe(root.certPem)
    expect(issued.chainPem.match(/BEGIN CERTIFICATE/g)).toHaveLength(3)
    expect(await verdict(serving(issued), { ca: root.certPem })).toBe('authorized')
    const bare = { cert: issued.certPem, key: issued.keyPem }
    expect(await verdict(bare, { ca: root.certPem })).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
  })

  test('a revocation list revokes, and only what it names', async () => {
    for (const keyType of ['ec', 'rsa'] as const) {
      const ca = await createCertificateAuthority({ keyType })
      const [good, bad] = [await ca.issue({ names: ['127.0.0.1'] }), await ca.issue({ names: ['127.0.0.1'] })]
      const crl = await ca.crl([bad.serialNumber])
      expect(await verdict(serving(good), { ca: ca.certPem, crl })).toBe('authorized')
      expect(await verdict(serving(bad), { ca: ca.certPem, crl })).toBe('CERT_REVOKED')
      const stale = await ca.crl([], { nextUpdate: new Date(Date.now() - 1000) })
      expect(await verdict(serving(good), { ca: ca.certPem, crl: stale })).toBe('CRL_HAS_EXPIRED')
    }
  })

  test('a self-signed certificate is its own authority', async () => {
    const issued = await createSelfSigned({ names: ['127.0.0.1'] })
    expect(await verdict(serving(issued), {})).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
    expect(await verdict(serving(issued), { ca: issued.certPem })).toBe('authorized')
  })

  test('the name must match', async () => {
    const { ca } = await createCertificates()
    const other = await ca.issue({ names: ['10.0.0.1'] })
    expect(await verdict(serving(other), { ca: ca.certPem })).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
  })

  test('createCertificates: one of each', async () => {
    const made = await createCertificates({ names: ['127.0.0.1'] })
    const trusting = { ca: made.ca.root.certPem }
    expect(await verdict(serving(made.server), trusting)).toBe('authorized')
    expect(await verdict(serving(made.expired), trusting)).toBe('CERT_HAS_EXPIRED')
    expect(await verdict(serving(made.notYetValid), trusting)).toBe('CERT_NOT_YET_VALID')
    expect(await verdict(serving(made.otherCa), trusting)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
    expect(new X509Certificate(made.client.certPem).subjectAltName).toBe('URI:spiffe://test.example/client')
    const mutual = {
      ...serving(made.server),
      ca: made.ca.root.certPem,
      requestClientCertificate: 'require' as const,
    }
    const client = { cert: made.client.certPem, key: made.client.keyPem, maxVersion: 'TLSv1.2' as const }
    expect(await verdict(mutual, { ...trusting, ...client })).toBe('authorized')
    expect(await verdict(mutual, { ...trusting, maxVersion: 'TLSv1.2' })).not.toBe('authorized')
  })
})
