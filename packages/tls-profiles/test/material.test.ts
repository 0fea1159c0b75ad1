/** The material that a profile accepts, and the errors for the material that it refuses. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DetailedPeerCertificate } from 'node:tls'
import {
  mutual,
  spkiPin,
  type TlsProfile,
  type VerifyClientOptions,
  verifyClient,
  verifyServer,
} from '../src/index.js'
import { pinCheck, pinsOf } from '../src/lib/identity/pins.js'
import { type Authority, createAuthority, type Issued } from './support/certificates.js'
import { fileWith, removeFolders } from './support/folder.js'
import { closeAll, connectAsDriver, tlsServer } from './support/servers.js'
import { thrown } from './support/thrown.js'

const fixture = (name: string) => join(__dirname, 'fixtures', name)
const passphrase = 'changeit'
let ca: Authority
let intermediate: Authority
let me: Issued
let node: Issued
const made: TlsProfile[] = []

beforeAll(async () => {
  ca = await createAuthority()
  intermediate = await ca.intermediate('Intermediate CA')
  me = await intermediate.issue({ commonName: 'me', names: [] })
  node = await ca.issue()
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

/** Connects to a server that knows only the root, and returns the common name that arrived. */
async function arriving(identity: VerifyClientOptions, root = ca.cert): Promise<string | undefined> {
  const server = await tlsServer({
    ...(await ca.issue()),
    ca: root,
    requestCert: true,
    rejectUnauthorized: true,
  })
  const socket = await connectAsDriver(server.port, make(verifyClient(identity)))
  await new Promise((resolve) => socket.once('data', resolve).write(Buffer.from([4, 0, 0, 0, 5, 0, 0, 0, 0])))
  return server.clients[0]
}

describe('PEM', () => {
  test.each<[string, () => VerifyClientOptions]>([
    ['text', () => ({ cert: [me.cert, intermediate.cert], key: me.key })],
    [
      'bytes',
      () => ({ cert: Buffer.from(me.cert + intermediate.cert), key: new Uint8Array(Buffer.from(me.key)) }),
    ],
    ['paths', () => ({ cert: [fileWith(me.cert), fileWith(intermediate.cert)], key: fileWith(me.key) })],
    [
      'a bundle in reverse order, with the root',
      () => ({ cert: ca.cert + intermediate.cert + me.cert, key: me.key }),
    ],
    [
      'one file with everything, and other text',
      () => {
        const file = fileWith(`Our key:\n${me.key}\nOur chain:\n${intermediate.cert}${me.cert}`)
        return { cert: file, key: file }
      },
    ],
    [
      'a key in the older form',
      () => {
        const key = createPrivateKey(me.key).export({ type: 'sec1', format: 'pem' })
        return { cert: me.cert + intermediate.cert, key: key.toString() }
      },
    ],
    [
      'an encrypted key',
      () => ({ cert: me.cert + intermediate.cert, key: encrypted('aes-256-cbc'), passphrase }),
    ],
    [
      'an encrypted key in the older form',
      () => {
        const options = { type: 'sec1', format: 'pem', cipher: 'aes-128-cbc', passphrase } as const
        return {
          cert: me.cert + intermediate.cert,
          key: createPrivateKey(me.key).export(options).toString(),
          passphrase,
        }
      },
    ],
    [
      'DER for the certificate',
      () => ({ cert: [Buffer.from(me.x509.rawData), intermediate.cert], key: me.key }),
    ],
  ])('%s', async (_, identity) => {
    expect(await arriving(identity())).toBe('me')
  })

  test('CAs as bundles, in parts, in DER, and together with the system roots', async () => {
    const other = await createAuthority('Other CA')
    const { port } = await tlsServer(node)
    const forms = [ca.cert + other.cert, [other.cert, fileWith(ca.cert)], Buffer.from(ca.x509.rawData)]
    for (const each of forms) await connectAsDriver(port, make(verifyServer({ ca: each })))
    await connectAsDriver(port, make(verifyServer({ ca: ca.cert, systemRoots: true })))
  })

  test('only with the system roots, our CA is unknown', async () => {
    const { port } = await tlsServer(node)
    const attempt = connectAsDriver(port, make(verifyServer({ systemRoots: true })))
    await expect(attempt).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  })

  test('an expired CA among others is accepted, but not if it is the only one', async () => {
    const old = await createAuthority('Old CA', { validTo: new Date(Date.now() - 1000) })
    const { port } = await tlsServer(node)
    await connectAsDriver(port, make(verifyServer({ ca: [old.cert, ca.cert] })))
    expect(thrown(() => verifyServer({ ca: old.cert })).code).toBe('CERTIFICATE_EXPIRED')
  })
})

function encrypted(cipher: string): string {
  return createPrivateKey(me.key).export({ type: 'pkcs8', format: 'pem', cipher, passphrase }).toString()
}

describe('PKCS #12 and JKS, written by openssl and keytool', () => {
  const root = readFileSync(fixture('ca.pem'), 'utf8')

  test.each<[string, VerifyClientOptions, string]>([
    ['openssl, RSA, with the CA', { pfx: fixture('rsa.p12'), passphrase }, 'rsa'],
    ['openssl, EC, without a name', { pfx: fixture('ec.p12'), passphrase }, 'ec'],
    ['RC2, which OpenSSL 3 no longer reads', { pfx: fixture('rc2.p12'), passphrase }, 'rsa'],
    ['keytool, PKCS #12', { pfx: fixture('java.p12'), passphrase }, 'ec'],
    ['keytool, JKS', { jks: fixture('rsa.jks'), passphrase }, 'rsa'],
    [
      'keytool, a key with its own password',
      { jks: fixture('own-key-password.jks'), passphrase, keyPassphrase: 'anotherOne' },
      'ec',
    ],
    ['keytool, one key of two', { jks: fixture('two-keys.jks'), passphrase, alias: 'EC' }, 'ec'],
    ['PKCS #12 given as JKS', { jks: fixture('java.p12'), passphrase }, 'ec'],
    ['bytes', { pfx: readFileSync(fixture('rsa.p12')), passphrase }, 'rsa'],
  ])('%s', async (_, identity, name) => {
    expect(await arriving(identity, root)).toBe(name)
  })

  test.each([
    ['JKS', { jks: fixture('truststore.jks'), passphrase }],
    ['JKS without its password', { jks: fixture('truststore.jks') }],
    ['PKCS #12', { pfx: fixture('truststore.p12'), passphrase }],
  ])('trust store: %s', (_, ca) => {
    const profile = make(verifyServer({ ca }))
    expect(profile.explain().trust?.ca.map(({ subject }) => subject)).toEqual(['CN=Fixture CA'])
  })

  test('knows when the certificate in a store expires', () => {
    const { certificates } = make(verifyClient({ pfx: fixture('rsa.p12'), passphrase })).status()
    expect(certificates).toMatchObject([
      { role: 'client', certificate: { subject: 'CN=rsa' }, expired: false },
    ])
  })

  test.each<[string, () => VerifyClientOptions, string]>([
    [
      'PKCS #12 with another password',
      () => ({ pfx: fixture('rsa.p12'), passphrase: 'other' }),
      'PASSPHRASE_WRONG',
    ],
    ['PKCS #12 without a password', () => ({ pfx: fixture('rsa.p12') }), 'PASSPHRASE_MISSING'],
    [
      'JKS with another password',
      () => ({ jks: fixture('rsa.jks'), passphrase: 'other' }),
      'PASSPHRASE_WRONG',
    ],
    [
      'a JKS key with another password',
      () => ({ jks: fixture('own-key-password.jks'), passphrase }),
      'PASSPHRASE_WRONG',
    ],
    ['two keys and no alias', () => ({ jks: fixture('two-keys.jks'), passphrase }), 'STORE_ENTRY_MISSING'],
    [
      'an alias that is not there',
      () => ({ jks: fixture('rsa.jks'), passphrase, alias: 'me' }),
      'STORE_ENTRY_MISSING',
    ],
    [
      'a trust store as an identity',
      () => ({ jks: fixture('truststore.jks'), passphrase }),
      'STORE_ENTRY_MISSING',
    ],
    ['a PEM file', () => ({ pfx: fixture('ca.pem'), passphrase }), 'STORE_INVALID'],
    [
      'JKS cut short',
      () => ({ jks: readFileSync(fixture('rsa.jks')).subarray(0, 700), passphrase }),
      'STORE_INVALID',
    ],
    [
      'PKCS #12 cut short',
      () => ({ pfx: readFileSync(fixture('rsa.p12')).subarray(0, 700), passphrase }),
      'STORE_INVALID',
    ],
  ])('%s is refused', (_, identity, code) => {
    const options = identity()
    const error = thrown(() => verifyClient(options))
    expect(error.code).toBe(code)
    const file = options.pfx ?? options.jks
    expect(error.file).toBe(typeof file === 'string' ? file : undefined)
    expect(error.message).not.toContain('changeit')
  })
})

describe('material that cannot be used', () => {
  async function expectError(create: (file: string) => unknown, contents: string, code: string) {
    const file = fileWith(contents)
    const error = thrown(() => create(file))
    expect({ code: error.code, file: error.file }).toEqual({ code, file })
    expect(error.message).toContain(file)
  }

  test('a missing file', () => {
    const error = thrown(() => verifyServer({ ca: '/no/such/ca.pem' }))
    expect(error).toMatchObject({ code: 'FILE_MISSING', file: '/no/such/ca.pem', fault: 'config' })
  })

  test('a path through something that is not a folder', () => {
    const file = join(fileWith(ca.cert), 'ca.pem')
    expect(thrown(() => verifyServer({ ca: file }))).toMatchObject({ code: 'FILE_MISSING', file })
  })

  test('a file that cannot be read', () => {
    // A folder, because permissions do not stop root, and containers often run as root.
    const error = thrown(() => verifyServer({ ca: __dirname }))
    expect(error).toMatchObject({ code: 'FILE_UNREADABLE', file: __dirname })
  })

  test('a file without permission', () => {
    const file = fileWith(ca.cert)
    chmodSync(file, 0)
    if (process.getuid?.() === 0)
      return expect(make(verifyServer({ ca: file })).status().state).toBe('current')
    return expect(thrown(() => verifyServer({ ca: file })).code).toBe('FILE_UNREADABLE')
  })

  test('PEM without a certificate', async () => {
    await expectError((file) => verifyServer({ ca: file }), me.key, 'CERTIFICATE_MISSING')
    await expectError((file) => verifyServer({ ca: file }), '', 'CERTIFICATE_MISSING')
    await expectError((file) => verifyClient({ cert: me.cert, key: file }), me.cert, 'KEY_MISSING')
  })

  test('a JKS store instead of PEM', () => {
    expect(thrown(() => verifyServer({ ca: fixture('truststore.jks') })).message).toContain('{ jks:')
  })

  test('a damaged certificate and a damaged key', async () => {
    const damaged = (pem: string) => pem.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA')
    await expectError((file) => verifyServer({ ca: file }), damaged(ca.cert), 'CERTIFICATE_INVALID')
    await expectError((file) => verifyClient({ cert: me.cert, key: file }), damaged(me.key), 'KEY_INVALID')
  })

  test('a key that does not belong to the certificate', async () => {
    const other = await ca.issue()
    await expectError((file) => verifyClient({ cert: me.cert, key: file }), other.key, 'KEY_MISMATCH')
  })

  test.each(['aes-256-cbc', 'aes-128-cfb', 'aes-256-cfb', 'aes-256-ofb'])(
    'a wrong passphrase and a missing one: %s',
    async (cipher) => {
      const key = encrypted(cipher)
      await expectError(
        (file) => verifyClient({ cert: me.cert, key: file, passphrase: 'other' }),
        key,
        'PASSPHRASE_WRONG',
      )
      await expectError((file) => verifyClient({ cert: me.cert, key: file }), key, 'PASSPHRASE_MISSING')
    },
  )

  test('a certificate that has expired, and one that is not valid yet', async () => {
    const past = await ca.issue({ validTo: new Date(Date.now() - 1000) })
    const future = await ca.issue({ validFrom: new Date(Date.now() + 3_600_000) })
    await expectError((file) => verifyClient({ cert: file, key: past.key }), past.cert, 'CERTIFICATE_EXPIRED')
    await expectError(
      (file) => verifyClient({ cert: file, key: future.key }),
      future.cert,
      'CERTIFICATE_NOT_YET_VALID',
    )
  })

  test('a key that is too weak for OpenSSL', async () => {
    const weak = await ca.issue({ commonName: 'weak', rsaBits: 512 })
    await expectError((file) => verifyClient({ cert: file, key: weak.key }), weak.cert, 'KEY_TOO_WEAK')
  })

  test('intermediates without their root', () => {
    expect(thrown(() => verifyServer({ ca: intermediate.cert })).code).toBe('CA_WITHOUT_ROOT')
  })

  test('something that is not a revocation list', async () => {
    await expectError((file) => verifyServer({ ca: ca.cert, crl: file }), ca.cert, 'CRL_INVALID')
    const damaged = (await ca.revoke()).replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA')
    expect(thrown(() => verifyServer({ ca: ca.cert, crl: damaged })).code).toBe('CRL_INVALID')
  })
})

describe('pins', () => {
  async function outcome(pins: string[]): Promise<string> {
    const { port } = await tlsServer({ cert: me2.cert + intermediate.cert, key: me2.key })
    const profile = make(verifyServer({ ca: ca.cert, pins }))
    return connectAsDriver(port, profile).then(
      () => 'connected',
      (error) => error.code,
    )
  }
  let me2: Issued
  beforeAll(async () => {
    me2 = await intermediate.issue()
  })

  test('the key of the server, of an intermediate, or of the root is enough', async () => {
    for (const each of [me2, intermediate, ca]) expect(await outcome([spkiPin(each.cert)])).toBe('connected')
  })

  test('hexadecimal and a second pin work', async () => {
    const hex = Buffer.from(spkiPin(me2.cert).slice('sha256/'.length), 'base64').toString('hex')
    expect(await outcome(['00'.repeat(32), hex])).toBe('connected')
  })

  test('another key is refused', async () => {
    expect(await outcome([spkiPin(me.cert)])).toBe('PIN_MISMATCH')
  })

  test('a pinned certificate that the server sends, with the name of the real issuer, is refused', async () => {
    const pinned = await createAuthority('Intermediate CA')
    const { port } = await tlsServer({ cert: me2.cert + intermediate.cert + pinned.cert, key: me2.key })
    const attempt = connectAsDriver(port, make(verifyServer({ ca: ca.cert, pins: [spkiPin(pinned.cert)] })))
    await expect(attempt).rejects.toMatchObject({ code: 'PIN_MISMATCH' })
    // Node.js links certificates by name. Even if it links this one, the signature shows the truth.
    const linked = peer(me2, peer(pinned))
    expect(pinCheck(pinsOf([spkiPin(pinned.cert)]))(linked)?.code).toBe('PIN_MISMATCH')
    expect(pinCheck(pinsOf([spkiPin(me2.cert)]))(linked)).toBeUndefined()
  })

  function peer({ cert }: Issued, issuer?: DetailedPeerCertificate): DetailedPeerCertificate {
    const { raw, fingerprint256 } = new X509Certificate(cert)
    const own = { raw, fingerprint256, subject: {}, issuer: {} } as DetailedPeerCertificate
    return Object.assign(own, { issuerCertificate: issuer ?? own })
  }

  test('a key that OpenSSL cannot read has a pin, and cannot sign others', () => {
    const odd = Buffer.from(ca.x509.rawData)
    odd[odd.indexOf(Buffer.from('2a8648ce3d0201', 'hex')) + 6] = 0x7f // no id-ecPublicKey any more
    const [certificate, leaf] = [new X509Certificate(odd), new X509Certificate(me2.cert)]
    expect(() => certificate.publicKey).toThrow()
    const pin = spkiPin(odd)
    expect(pin).toMatch(/^sha256\/[A-Za-z0-9+/]{43}=$/)
    expect(pin).not.toBe(spkiPin(ca.cert))
    const shown = (x509: X509Certificate, issuerCertificate?: object) =>
      ({ raw: x509.raw, fingerprint256: x509.fingerprint256, issuerCertificate }) as DetailedPeerCertificate
    expect(pinCheck(pinsOf([pin]))(shown(certificate))).toBeUndefined()
    expect(pinCheck(pinsOf([pin]))(shown(leaf, shown(certificate)))?.code).toBe('PIN_MISMATCH')
  })

  test('the pin is the one that openssl computes', () => {
    // openssl x509 -in ca.pem -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64
    expect(spkiPin(fixture('ca.pem'))).toBe('sha256/gq4DfBRV5Kg8aA/0n9f2WytIrELZD+PDXgqgwHb2RHo=')
  })
})

describe('revocation lists', () => {
  test('a revoked certificate is refused, another is accepted', async () => {
    const revoked = await ca.issue()
    const crl = fileWith(await ca.revoke(revoked))
    const profile = make(verifyServer({ ca: ca.cert, crl }))
    await connectAsDriver((await tlsServer(node)).port, profile)
    const attempt = connectAsDriver((await tlsServer(revoked)).port, profile)
    await expect(attempt).rejects.toMatchObject({ code: 'CERT_REVOKED' })
    expect(profile.explain().trust?.crls).toBe(1)
  })

  test('mutual takes them too', async () => {
    const crl = await ca.revoke(node)
    const profile = make(mutual({ ca: ca.cert, crl, cert: [me.cert, intermediate.cert], key: me.key }))
    const attempt = connectAsDriver((await tlsServer(node)).port, profile)
    await expect(attempt).rejects.toMatchObject({ code: 'CERT_REVOKED' })
  })
})
