/** Certificates as other tools issue them: without a subject, self-signed, renewed with the same key, partly expired. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { renameSync, utimesSync, writeFileSync } from 'node:fs'
import type { TLSSocket } from 'node:tls'
import { KeyUsageFlags } from '@peculiar/x509'
import { shownDate, summarize } from '../src/certificate.js'
import { mutual, type TlsProfile, verifyClient, verifyServer } from '../src/index.js'
import { type Authority, createAuthority, type Issued, selfSigned } from './support/certificates.js'
import { connectClient } from './support/driver.js'
import { listenToRotation } from './support/events.js'
import { fileWith, removeFolders } from './support/folder.js'
import { closeAll, connectAsDriver, tlsServer } from './support/servers.js'
import { thrown } from './support/thrown.js'

const spiffe = 'spiffe://mesh.example/ns/prod/sa/app'
const expired = { validFrom: new Date(Date.now() - 9e7), validTo: new Date(Date.now() - 1e6) }
const longer = { validTo: new Date(Date.now() + 9e10) }
let ca: Authority
const made: TlsProfile[] = []

beforeAll(async () => {
  ca = await createAuthority()
})
afterEach(async () => {
  for (const profile of made.splice(0)) profile.close()
  await closeAll()
})
afterAll(removeFolders)

function make<T extends TlsProfile>(profile: T): T {
  made.push(profile)
  return profile
}

/** The certificate that a server gets from a client with this profile. The server knows only our root. */
async function seen(profile: TlsProfile): Promise<X509Certificate> {
  const { cert, key } = await ca.issue()
  const certificates: X509Certificate[] = []
  const requiring = { cert, key, ca: ca.cert, requestCert: true, rejectUnauthorized: true }
  const server = await tlsServer(requiring)
  server.server.on('secureConnection', (socket: TLSSocket) => {
    certificates.push(new X509Certificate(socket.getPeerCertificate().raw))
  })
  expect(await connectClient(server.port, profile)).toEqual({})
  return certificates[0] as X509Certificate
}

describe('without a subject', () => {
  test('our certificate is sent, named by its URI, and renewed', async () => {
    const rotation = listenToRotation()
    const first = await ca.issue({ commonName: '', names: [spiffe] })
    const cert = fileWith(first.cert)
    const profile = make(mutual({ ca: ca.cert, cert, key: first.key }))
    expect((await seen(profile)).subjectAltName).toBe(`URI:${spiffe}`)
    expect(profile.explain().clientCertificate).toMatchObject({ subject: '', name: spiffe, names: [spiffe] })
    expect(profile.explain().text).toContain(`certificate ${spiffe} (until`)
    writeFileSync(`${cert}.new`, (await ca.issue({ commonName: '', names: [spiffe], keys: first.keys })).cert)
    renameSync(`${cert}.new`, cert)
    await rotation.until(({ outcome }) => outcome === 'rotated')
    expect(profile.status()).toMatchObject({ state: 'current', rotations: 1 })
    rotation.stop()
  })

  test('verifyClient accepts it too', async () => {
    const { cert, key } = await ca.issue({ commonName: '', names: [] })
    const { serialNumber } = new X509Certificate(cert)
    const profile = make(verifyClient({ cert, key }))
    expect(profile.explain().clientCertificate?.name).toBe(`serial number ${serialNumber}`)
    expect((await seen(profile)).serialNumber).toBe(serialNumber)
  })

  test('a CA and a server are trusted', async () => {
    const nameless = await createAuthority('')
    const { port } = await tlsServer(await nameless.issue())
    const profile = make(verifyServer({ ca: nameless.cert }))
    expect((await connectAsDriver(port, profile)).authorized).toBe(true)
    expect(profile.status().expired).toBe(false)
  })

  test('an expired one is named in the error', async () => {
    const { cert, key } = await ca.issue({ commonName: '', names: [spiffe], ...expired })
    const error = thrown(() => verifyClient({ cert, key }))
    expect([error.code, error.certificate?.name]).toEqual(['CERTIFICATE_EXPIRED', spiffe])
    expect(error.message).toContain(spiffe)
  })
})

describe('self-signed', () => {
  test.each<[string, KeyUsageFlags | undefined]>([
    ['without keyCertSign', KeyUsageFlags.digitalSignature],
    ['without a key usage', undefined],
  ])('a server %s is its own trust anchor, as for Node.js', async (_, keyUsage) => {
    const node = await selfSigned(keyUsage === undefined ? {} : { keyUsage })
    const { port } = await tlsServer(node)
    expect((await connectAsDriver(port, { ca: node.cert, rejectUnauthorized: true })).authorized).toBe(true)
    const profile = make(verifyServer({ ca: node.cert }))
    expect((await connectAsDriver(port, profile)).authorized).toBe(true)
    // It is an anchor only for itself.
    const other = await tlsServer(await selfSigned({ commonName: 'alone' }))
    await expect(connectAsDriver(other.port, profile)).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    })
  })

  test('an expired one is an error at once', async () => {
    const node = await selfSigned({ keyUsage: KeyUsageFlags.digitalSignature, ...expired })
    expect(thrown(() => verifyServer({ ca: node.cert })).code).toBe('CERTIFICATE_EXPIRED')
  })
})

describe('the best of several', () => {
  const orders = [
    ['the old one first', (a: Issued, b: Issued) => a.cert + b.cert],
    ['the new one first', (a: Issued, b: Issued) => b.cert + a.cert],
  ] as const

  test.each(orders)('renewed with the same key, %s: the valid one', async (_, inFile) => {
    const old = await ca.issue({ commonName: 'old', names: [], ...expired })
    const renewed = await ca.issue({ commonName: 'renewed', names: [], keys: old.keys })
    const profile = make(verifyClient({ cert: fileWith(inFile(old, renewed)), key: old.key }))
    expect((await seen(profile)).subject).toBe('CN=renewed')
    expect(profile.status()).toMatchObject({ expired: false, certificates: [{ expired: false }] })
  })

  test.each(orders)('both valid, %s: the newest', async (_, inFile) => {
    const old = await ca.issue({ commonName: 'old', names: [], ...longer })
    const now = { validFrom: new Date(Date.now() - 1000) }
    const renewed = await ca.issue({ commonName: 'renewed', names: [], keys: old.keys, ...now })
    const profile = make(verifyClient({ cert: fileWith(inFile(old, renewed)), key: old.key }))
    expect((await seen(profile)).subject).toBe('CN=renewed')
  })

  test.each(orders)('one valid and one from tomorrow on, %s: the valid one', async (_, inFile) => {
    const today = await ca.issue({ commonName: 'today', names: [] })
    const tomorrow = { validFrom: new Date(Date.now() + 9e7), ...longer }
    const next = await ca.issue({ commonName: 'next', names: [], keys: today.keys, ...tomorrow })
    const profile = make(verifyClient({ cert: fileWith(inFile(today, next)), key: today.key }))
    expect(profile.explain().clientCertificate?.subject).toBe('CN=today')
  })

  test('an expired intermediate with the one that renews it', async () => {
    const old = await ca.intermediate('Intermediate', expired)
    const renewed = await ca.intermediate('Intermediate', { keys: old.keys })
    const me = await renewed.issue({ commonName: 'me', names: [] })
    for (const cert of [me.cert + old.cert + renewed.cert, [me.cert, renewed.cert, old.cert]]) {
      const profile = make(verifyClient({ cert, key: me.key }))
      expect((await seen(profile)).subject).toBe('CN=me')
      expect(profile.status()).toMatchObject({ expired: false, expiresSoon: false })
    }
    const alone = thrown(() => verifyClient({ cert: me.cert + old.cert, key: me.key }))
    expect([alone.code, alone.certificate?.subject]).toEqual(['CERTIFICATE_EXPIRED', 'CN=Intermediate'])
  })

  test('an intermediate of the same name and another key is not sent', async () => {
    const other = await (await createAuthority()).intermediate('Intermediate')
    const real = await ca.intermediate('Intermediate')
    const me = await real.issue({ commonName: 'me', names: [] })
    const profile = make(verifyClient({ cert: me.cert + other.cert + real.cert, key: me.key }))
    expect((await seen(profile)).subject).toBe('CN=me')
    expect(profile.status().certificates).toHaveLength(2)
  })
})

describe('several keys in one file', () => {
  const encrypted = (pem: string, passphrase: string) =>
    createPrivateKey(pem).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase,
    }) as string

  test('the one that belongs to the certificate is used, at any place', async () => {
    const [me, other] = [await ca.issue({ commonName: 'me', names: [] }), await ca.issue()]
    for (const key of [me.key + other.key, other.key + me.key]) {
      const profile = make(verifyClient({ cert: me.cert, key: fileWith(key) }))
      expect((await seen(profile)).subject).toBe('CN=me')
    }
  })

  test('of two pairs, the valid one is sent', async () => {
    const old = await ca.issue({ commonName: 'old', names: [], ...expired })
    const renewed = await ca.issue({ commonName: 'renewed', names: [] })
    for (const all of [
      old.key + old.cert + renewed.key + renewed.cert,
      renewed.cert + old.key + renewed.key + old.cert,
    ]) {
      const file = fileWith(all)
      const profile = make(verifyClient({ cert: file, key: file }))
      expect((await seen(profile)).subject).toBe('CN=renewed')
    }
  })

  test('one that cannot be opened is skipped, and reported if no other fits', async () => {
    const [me, other] = [await ca.issue({ commonName: 'me', names: [] }), await ca.issue()]
    const locked = encrypted(other.key, 'another')
    for (const passphrase of [undefined, 'changeit']) {
      const profile = make(verifyClient({ cert: me.cert, key: locked + me.key, passphrase }))
      expect((await seen(profile)).subject).toBe('CN=me')
    }
    const mine = { cert: me.cert, key: other.key + encrypted(me.key, 'changeit') }
    expect((await seen(make(verifyClient({ ...mine, passphrase: 'changeit' })))).subject).toBe('CN=me')
    expect(thrown(() => verifyClient(mine)).code).toBe('PASSPHRASE_MISSING')
    expect(thrown(() => verifyClient({ ...mine, passphrase: 'another' })).code).toBe('PASSPHRASE_WRONG')
  })

  test('if none fits, it is a mismatch; too many keys are refused', async () => {
    const [me, one, two] = [await ca.issue(), await ca.issue(), await ca.issue()]
    const error = thrown(() => verifyClient({ cert: me.cert, key: one.key + two.key }))
    expect(error.code).toBe('KEY_MISMATCH')
    expect(error.message).toContain('None of the 2 private keys')
    expect(thrown(() => verifyClient({ cert: me.cert, key: me.key.repeat(21) })).code).toBe('KEY_INVALID')
  })
})

describe('material that would take minutes is refused', () => {
  const many = (pem: string) => pem.repeat(5_001)

  test('thousands of certificates, which OpenSSL sorts for each one again', async () => {
    const { cert, key } = await ca.issue()
    for (const create of [
      () => verifyServer({ ca: many(ca.cert) }),
      () => verifyClient({ cert: many(cert), key }),
    ]) {
      expect(thrown(create)).toMatchObject({
        code: 'FILE_TOO_LARGE',
        message: expect.stringContaining('5001'),
      })
    }
    const crl = many(await ca.revoke())
    expect(thrown(() => verifyServer({ ca: ca.cert, crl })).code).toBe('FILE_TOO_LARGE')
  })

  test('a chain that is longer than OpenSSL follows', async () => {
    let last = ca
    let chain = ''
    for (let count = 0; count < 101; count++) {
      last = await last.intermediate(`Intermediate ${count}`, { keys: ca.keys })
      chain += last.cert
    }
    const { cert, key } = await last.issue()
    const error = thrown(() => verifyClient({ cert: cert + chain, key }))
    expect([error.code, error.certificate?.subject]).toEqual(['CERTIFICATE_INVALID', 'CN=node'])
  })
})

describe('a roll-over of the CA', () => {
  test('works, is not expired, and expires with its last root', async () => {
    const old = await createAuthority('CA', expired)
    const renewed = await createAuthority('CA', { keys: old.keys, ...longer })
    const { port } = await tlsServer(await renewed.issue())
    for (const bundle of [old.cert + renewed.cert, renewed.cert + old.cert]) {
      const profile = make(verifyServer({ ca: bundle }))
      expect((await connectAsDriver(port, profile)).authorized).toBe(true)
      expect(profile.status()).toMatchObject({ expired: false, expiresSoon: false })
      expect(profile.status().expiresAt).toEqual(renewed.x509.notAfter)
      expect(profile.explain().validUntil).toEqual(renewed.x509.notAfter)
      expect(
        profile
          .status()
          .certificates.map((each) => each.expired)
          .sort(),
      ).toEqual([false, true])
    }
  })

  test('an expired root with a current intermediate does not work, and says so', async () => {
    const old = await createAuthority('CA', expired)
    const between = await old.intermediate('Intermediate')
    const error = thrown(() => verifyServer({ ca: between.cert + old.cert }))
    expect([error.code, error.certificate?.subject]).toEqual(['CERTIFICATE_EXPIRED', 'CN=CA'])
  })
})

describe('a date that cannot be read', () => {
  /** The date in DER is `20YYMMDD…` as UTCTime. It gets letters instead of the month. */
  function damaged(pem: string): Buffer {
    const raw = Buffer.from(new X509Certificate(pem).raw)
    const at = raw.lastIndexOf(Buffer.from([0x17, 0x0d])) + 2
    raw.write('xx', at + 2)
    return raw
  }

  test('is not an exception when it is printed', () => {
    const summary = summarize(new X509Certificate(damaged(ca.cert)))
    expect(Number.isNaN(summary.validTo.getTime())).toBe(true)
    expect(shownDate(summary.validTo)).toBe('an unreadable date')
  })

  test('is an error of the certificate, and does not matter if there is a good one', async () => {
    const error = thrown(() => verifyServer({ ca: damaged(ca.cert) }))
    expect(error.code).toBe('CERTIFICATE_INVALID')
    const profile = make(verifyServer({ ca: [damaged(ca.cert), (await createAuthority('Other')).cert] }))
    expect(profile.explain().text).toContain('an unreadable date')
    expect(profile.status()).toMatchObject({ expired: false, expiresSoon: false })
  })
})

test('a file that is changed in place, with its size and its times kept, is noticed', async () => {
  const rotation = listenToRotation()
  const [one, two] = [await createAuthority('CA one'), await createAuthority('CA two')]
  const size = Math.max(one.cert.length, two.cert.length)
  const path = fileWith(one.cert.padEnd(size))
  const at = new Date(1_700_000_000_000)
  utimesSync(path, at, at)
  const profile = make(verifyServer({ ca: path, watch: { pollIntervalMs: 20 } }))
  writeFileSync(path, two.cert.padEnd(size))
  utimesSync(path, at, at)
  await rotation.until(({ outcome }) => outcome === 'rotated')
  expect(profile.explain().trust?.ca.map(({ subject }) => subject)).toEqual(['CN=CA two'])
  rotation.stop()
})

test('a client connects to a SPIFFE server by its URI, and not to another workload of the domain', async () => {
  const [right, other] = [spiffe, 'spiffe://mesh.example/ns/prod/sa/other']
  const profile = make(verifyServer({ ca: ca.cert, hostname: { uri: right } }))
  const { port } = await tlsServer(await ca.issue({ commonName: '', names: [right] }))
  expect(await connectClient(port, profile)).toEqual({})
  const impostor = await tlsServer(await ca.issue({ commonName: '', names: [other] }))
  await expect(connectAsDriver(impostor.port, profile)).rejects.toMatchObject({ code: 'NAME_MISMATCH' })
  const domain = make(verifyServer({ ca: ca.cert, hostname: { uriPrefix: 'spiffe://mesh.example/' } }))
  expect((await connectAsDriver(impostor.port, domain)).authorized).toBe(true)
})
