/** Material with further content, or in a form that OpenSSL alone does not read. */
import { createPrivateKey, getCiphers, X509Certificate } from 'node:crypto'
import { type CaInput, verifyClient, verifyServer } from '../src/index.js'
import { type Authority, createAuthority, type Issued } from './support/certificates.js'
import { closeAll, connectAsDriver, tlsServer } from './support/servers.js'
import { thrown } from './support/thrown.js'

const passphrase = 'changeit'
let ca: Authority
let me: Issued

beforeAll(async () => {
  ca = await createAuthority()
  me = await ca.issue({ commonName: 'me', names: ['127.0.0.1'] })
})
afterEach(closeAll)

const derOf = (pem: string) => new X509Certificate(pem).raw

/** The output of `openssl x509 -addreject …`: the certificate, then X509_CERT_AUX. */
function withTrust(pem: string, aux: string): string {
  const base64 = Buffer.concat([derOf(pem), Buffer.from(aux, 'hex')]).toString('base64')
  const lines = base64.match(/.{1,64}/g) ?? []
  return ['-----BEGIN TRUSTED CERTIFICATE-----', ...lines, '-----END TRUSTED CERTIFICATE-----', ''].join('\n')
}

describe('the purposes of a TRUSTED CERTIFICATE are respected, as in Node.js', () => {
  const [serverAuth, clientAuth] = ['06082b06010505070301', '06082b06010505070302']
  test.each<[string, string, boolean]>([
    ['nothing said', '3000', true],
    ['trusted for servers', `300c300a${serverAuth}`, true],
    ['trusted only for clients', `300c300a${clientAuth}`, false],
    ['rejected for clients', `300ca00a${clientAuth}`, true],
    ['rejected for servers', `300ca00a${serverAuth}`, false],
  ])('%s', async (_, aux, expected) => {
    const { port } = await tlsServer(me)
    const root = withTrust(ca.cert, aux)
    const connected = async (sslOptions: object) => {
      try {
        return (await connectAsDriver(port, sslOptions)).authorized
      } catch {
        return false
      }
    }
    const profile = verifyServer({ ca: root })
    profile.close()
    expect(await connected(profile)).toBe(expected)
    expect(await connected({ ca: root, rejectUnauthorized: true })).toBe(expected)
  })
})

describe('line ends that were doubled', () => {
  const doubled = (pem: string) => pem.replaceAll('\n', '\r\r\n')
  test('of certificates and keys', () => {
    verifyClient({ cert: doubled(me.cert), key: doubled(me.key) }).close()
    verifyServer({ ca: ca.cert.replaceAll('\n', '\n\n\n') }).close()
  })

  test('of a key with headers', () => {
    const format = { type: 'sec1', format: 'pem', cipher: 'aes-256-cbc', passphrase } as const
    const key = createPrivateKey(me.key).export(format) as string
    expect(key).toContain('DEK-Info')
    for (const each of [key, doubled(key), key.replaceAll('\n', ' \n \n')]) {
      verifyClient({ cert: me.cert, key: each, passphrase }).close()
      expect(thrown(() => verifyClient({ cert: me.cert, key: each, passphrase: 'other' })).code).toBe(
        'PASSPHRASE_WRONG',
      )
    }
  })
})

test('certificates in DER, one after another, are all read, and a truncated one is an error', async () => {
  const other = await createAuthority('another root')
  const both = Buffer.concat([derOf(ca.cert), derOf(other.cert)])
  const trusted = (given: CaInput) => {
    const profile = verifyServer({ ca: given })
    profile.close()
    return profile.explain().trust?.ca.map(({ subject }) => subject)
  }
  expect(trusted(both)).toHaveLength(2)
  expect(trusted(both)).toContain('CN=another root')
  expect(trusted(Buffer.concat([derOf(ca.cert), Buffer.from('\n')]))).toHaveLength(1)
  expect(thrown(() => verifyServer({ ca: both.subarray(0, -1) })).code).toBe('CERTIFICATE_INVALID')
})

test('a wrong passphrase and unsupported encryption have different errors, for every cipher of OpenSSL', () => {
  const ciphers = getCiphers().filter((name) =>
    /^(aes|aria|camellia|sm4).*-(cbc|cfb|ofb|ctr)$|^des-ede3-cbc$/.test(name),
  )
  let written = 0
  for (const cipher of ciphers) {
    const key = encrypted(cipher)
    if (key === undefined) continue
    written++
    verifyClient({ cert: me.cert, key, passphrase }).close()
    const { code } = thrown(() => verifyClient({ cert: me.cert, key, passphrase: 'other' }))
    expect([cipher, code]).toEqual([cipher, 'PASSPHRASE_WRONG'])
  }
  expect(written).toBeGreaterThan(20)
})

/** Undefined if the cipher has no object identifier, such as AES in counter mode. */
function encrypted(cipher: string): string | undefined {
  try {
    return createPrivateKey(me.key).export({ type: 'pkcs8', format: 'pem', cipher, passphrase }) as string
  } catch {
    return undefined
  }
}

test('PKCS #7 in DER is named', () => {
  // ContentInfo { signedData, … }
  const pkcs7 = Buffer.from('300f06092a864886f70d010702a0023000', 'hex')
  expect(thrown(() => verifyServer({ ca: pkcs7 })).message).toContain('openssl pkcs7 -inform DER')
})
