/** Which material is accepted or refused, at the edges of each rule: with which code, file and certificate. */
import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import {
  fromSecureContext,
  type MaterialInput,
  mutual,
  spkiPin,
  type TlsProfile,
  verifyClient,
  verifyServer,
} from '../src/index.js'
import { type Deriving, deriveSync } from '../src/lib/material/derive.js'
import { readJks } from '../src/lib/material/jks.js'
import { readPkcs12 } from '../src/lib/material/pkcs12.js'
import { type Authority, createAuthority, type Issued } from './support/certificates.js'
import { fileWith, folder, removeFolders } from './support/folder.js'
import { fresh } from './support/fresh.js'
import { thrown } from './support/thrown.js'

const fixture = (name: string) => join(__dirname, 'fixtures', name)
const passphrase = 'changeit'
let ca: Authority
let me: Issued
const made: TlsProfile[] = []

beforeAll(async () => {
  ca = await createAuthority()
  me = await ca.issue({ commonName: 'me', names: [] })
})
afterEach(() => {
  for (const profile of made.splice(0)) profile.close()
  jest.restoreAllMocks()
})
afterAll(removeFolders)

function make<T extends TlsProfile>(profile: T): T {
  made.push(profile)
  return profile
}

test('a profile of a given context is current, and has nothing to reload', async () => {
  const profile = make(fromSecureContext(createSecureContext({ ca: ca.cert })))
  const status = profile.status()
  expect(status).toEqual({
    state: 'current',
    loadedAt: expect.any(Date),
    ageMs: expect.any(Number),
    rotations: 0,
    failure: undefined,
    certificates: [],
    expiresAt: undefined,
    expiresSoon: false,
    expired: false,
    files: [],
    watching: false,
  })
  expect(Object.isFrozen(status)).toBe(true)
  expect(Math.abs(Date.now() - status.loadedAt.getTime() - status.ageMs)).toBeLessThan(10_000)
  expect(await profile.reload()).toBe('unchanged')
  expect(profile.explain()).toMatchObject({
    profile: 'fromSecureContext',
    verifies: { chain: true, name: true },
  })
})

test('a file that cannot be read for another reason is named with that reason', async () => {
  const file = join(folder(), 'loop.pem')
  symlinkSync('loop.pem', file)
  expect(thrown(() => verifyServer({ ca: file }))).toMatchObject({
    code: 'FILE_UNREADABLE',
    file,
    cause: { code: 'ELOOP' },
  })
  const missing = join(folder(), 'missing.pem')
  expect(thrown(() => verifyServer({ ca: missing }))).toMatchObject({
    code: 'FILE_MISSING',
    file: missing,
    cause: { code: 'ENOENT' },
  })
})

test('a file is read to its end, whatever its size', () => {
  const certificates = ca.cert.repeat(1 + Math.ceil(70_000 / ca.cert.length))
  const all = `${certificates}\n`
  const profile = make(verifyServer({ ca: fileWith(all) }))
  expect(profile.explain().trust?.ca).toHaveLength(certificates.length / ca.cert.length)
})

test.each<[string, unknown]>([
  ['a blank', ' '],
  ['nothing', ''],
  ['a number', 7],
  ['null', null],
])('%s is not a certificate', (_, given) => {
  for (const action of [
    () => verifyServer({ ca: given as string }),
    () => spkiPin(given as string),
    () => verifyClient({ cert: given as string, key: me.key }),
  ]) {
    expect(thrown(action).code).toBe('OPTION_INVALID')
  }
})

describe('our certificate is given once', () => {
  const store = { pfx: fixture('rsa.p12'), jks: fixture('rsa.jks') }
  test.each<[string, () => object]>([
    ['cert and pfx', () => ({ cert: me.cert, pfx: store.pfx })],
    ['key and pfx', () => ({ key: me.key, pfx: store.pfx })],
    ['cert, key and pfx', () => ({ cert: me.cert, key: me.key, pfx: store.pfx })],
    ['cert and jks', () => ({ cert: me.cert, jks: store.jks })],
    ['pfx and jks', () => store],
    ['nothing', () => ({})],
    ['cert alone', () => ({ cert: me.cert })],
    ['key alone', () => ({ key: me.key })],
    ['an alias with cert and key', () => ({ cert: me.cert, key: me.key, alias: 'a' })],
    ['a keyPassphrase with cert and key', () => ({ cert: me.cert, key: me.key, keyPassphrase: 'a' })],
    ['an empty passphrase with cert and key', () => ({ cert: me.cert, key: me.key, passphrase: '' })],
  ])('%s is refused', (_, options) => {
    const { passphrase: given = passphrase, ...others } = options() as { passphrase?: string }
    const all = { ...others, passphrase: given } as unknown as Parameters<typeof verifyClient>[0]
    expect(thrown(() => verifyClient(all)).code).toBe('OPTION_INVALID')
  })
})

test('a key that fits no certificate is an error with the first certificate and the file of the key', async () => {
  const other = await ca.issue()
  const [cert, key] = [fileWith(me.cert), fileWith(other.key)]
  expect(thrown(() => verifyClient({ cert: [cert, ca.cert], key }))).toMatchObject({
    code: 'KEY_MISMATCH',
    file: key,
    certificate: { subject: 'CN=me', file: cert },
  })
})

test('what is asked for with two keys is answered with their aliases, and the file once', () => {
  const file = fixture('two-keys.jks')
  const error = thrown(() => verifyClient({ jks: file, passphrase }))
  expect(error).toMatchObject({ code: 'STORE_ENTRY_MISSING', file, cause: undefined })
  expect(error.message).toMatch(/: (rsa, ec|ec, rsa)\./i)
  expect(error.message.split(file)).toHaveLength(2)
})

test('only the stores of BouncyCastle are converted with its classes', () => {
  const { unreadStore } = fresh(
    () =>
      require('../src/lib/material/store-kinds.js') as typeof import('../src/lib/material/store-kinds.js'),
  )
  expect(unreadStore(readFileSync(fixture('ed25519.jceks')))).toMatch(/JCEKS(?!.*-providerclass)/)
  expect(unreadStore(bks())).toMatch(/BKS.*-providerclass org.bouncycastle/)
})

/** A version, a salt of 20 bytes, 1024 iterations, and what follows them. */
function bks({ version = 2, salt = 20, iterations = 1024, next = 1, length = 60 } = {}): Buffer {
  const bytes = Buffer.alloc(length)
  bytes.writeUInt32BE(version, 0)
  bytes.writeUInt32BE(salt, 4)
  bytes.writeUInt32BE(iterations, 28)
  bytes[32] = next
  return bytes
}

test.each<[string, Buffer, string | undefined]>([
  ['BKS of the second version', bks(), 'BKS'],
  ['BKS of the first version', bks({ version: 1 }), 'BKS'],
  ['BKS with the last kind of entry', bks({ next: 4 }), 'BKS'],
  ['UBER', bks({ next: 5 }), 'UBER'],
  ['UBER in 53 bytes', bks({ next: 5, length: 53 }), 'UBER'],
  ['BKS that ends with its HMAC', bks({ next: 5, length: 52 }), 'BKS'],
  ['40 bytes', bks({ length: 40 }), 'BKS'],
  ['39 bytes', bks({ length: 39 }), undefined],
  ['a third version', bks({ version: 3 }), undefined],
  ['version zero', bks({ version: 0 }), undefined],
  ['a salt of 21 bytes', bks({ salt: 21 }), undefined],
  ['65 535 iterations', bks({ iterations: 65_535 }), 'BKS'],
  ['65 536 iterations', bks({ iterations: 65_536 }), undefined],
  ['twelve bytes of JCEKS', Buffer.from('cececece0000000200000001', 'hex'), 'JCEKS'],
  ['eleven bytes of JCEKS', Buffer.from('cececece00000002000000', 'hex'), undefined],
  ['nothing', Buffer.alloc(0), undefined],
])('a kind of store: %s', (_, bytes, kind) => {
  const kinds = fresh(
    () =>
      require('../src/lib/material/store-kinds.js') as typeof import('../src/lib/material/store-kinds.js'),
  )
  const text = kinds.unreadStore(bytes)
  if (kind === undefined) expect(text).toBeUndefined()
  else expect(text).toContain(`a ${kind} store`)
  expect(kinds.isStore(bytes)).toBe(kind !== undefined)
})

test('JKS and PKCS #12 are recognized by how they begin', () => {
  const { isJks, isPkcs12, isStore } = fresh(
    () =>
      require('../src/lib/material/store-kinds.js') as typeof import('../src/lib/material/store-kinds.js'),
  )
  expect(isJks(Buffer.from('feedfeed', 'hex'))).toBe(true)
  for (const other of ['feedfe', 'feedfeee', '']) expect(isJks(Buffer.from(other, 'hex'))).toBe(false)
  expect(isStore(Buffer.from('feedfeed', 'hex'))).toBe(true)
  const data = '06092a864886f70d010701'
  expect(isPkcs12(Buffer.from(`3010020103300b${data}`, 'hex'))).toBe(true)
  for (const other of [`3010020102300b${data}`, '300a0201033005060355040a', '3003020103', '']) {
    expect(isPkcs12(Buffer.from(other, 'hex'))).toBe(false)
  }
})

describe('JKS', () => {
  const number = (value: number) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return bytes
  }
  const request = { passphrase: undefined, keyPassphrase: undefined, alias: undefined, wantsKey: false }
  const head = (version: number, count: number, mark = 0xfeedfeed) =>
    Buffer.concat([number(mark), number(version), number(count)])
  /** An entry of version 1 without an alias and with no bytes in it. */
  const certificate = Buffer.concat([number(2), Buffer.alloc(2), Buffer.alloc(8), number(0)])
  const key = (chain: number) =>
    Buffer.concat([
      number(1),
      Buffer.alloc(2),
      Buffer.alloc(8),
      number(0),
      number(chain),
      Buffer.alloc(4 * chain),
    ])
  const end = Buffer.alloc(20)
  const outcome = (store: Buffer) => {
    try {
      const { keys, certificates } = deriveSync(readJks(store, request))
      return [keys.length, certificates.length]
    } catch (error) {
      return [(error as Error).name, (error as Error).message]
    }
  }

  test.each<[string, Buffer, unknown[]]>([
    ['no entry', Buffer.concat([head(1, 0), end]), [0, 0]],
    ['a certificate', Buffer.concat([head(1, 1), certificate, end]), [0, 1]],
    ['a key with a chain of 100', Buffer.concat([head(1, 1), key(100), end]), [1, 100]],
    [
      'a key with a chain of 101',
      Buffer.concat([head(1, 1), key(101), end]),
      ['FormatError', expect.any(String)],
    ],
    [
      '20 001 entries',
      Buffer.concat([head(1, 20_001), ...Array(20_001).fill(certificate), end]),
      [0, 20_001],
    ],
    [
      '20 002 entries',
      Buffer.concat([head(1, 20_002), ...Array(20_002).fill(certificate), end]),
      ['FormatError', 'more entries than any store has'],
    ],
    ['half of a checksum', Buffer.concat([head(1, 0), end.subarray(1)]), ['FormatError', 'cut short']],
    ['nothing', Buffer.alloc(0), ['FormatError', 'cut short']],
    ['version 3', Buffer.concat([head(3, 0), end]), ['FormatError', 'neither version 1 nor 2 of JKS']],
    ['another mark', Buffer.concat([head(1, 0, 1), end]), ['FormatError', 'neither version 1 nor 2 of JKS']],
    [
      'another kind of entry',
      Buffer.concat([head(1, 1), number(3), Buffer.alloc(10), end]),
      ['FormatError', expect.any(String)],
    ],
  ])('%s', (_, store, expected) => {
    expect(outcome(store)).toEqual(expected)
  })

  test('the key of a store is opened with its own passphrase, that of the store, or the empty one', () => {
    const store = readFileSync(fixture('own-key-password.jks'))
    const open = (given: object) => {
      const { keys } = deriveSync(readJks(store, { ...request, ...given }))
      try {
        return deriveSync(keys[0]?.pkcs8() as never) instanceof Buffer
      } catch (error) {
        return (error as Error).name
      }
    }
    expect(open({ passphrase, keyPassphrase: 'anotherOne' })).toBe(true)
    expect(open({ keyPassphrase: 'anotherOne' })).toBe(true)
    for (const wrong of [{ passphrase }, {}, { passphrase, keyPassphrase: '' }]) {
      expect(open(wrong)).toBe('DecryptionError')
    }
  })
})

test('a key in JKS that is protected by no passphrase, or the empty one', () => {
  const sha1 = (...parts: Uint8Array[]) => createHash('sha1').update(Buffer.concat(parts)).digest()
  const [salt, secret] = [Buffer.alloc(20, 7), Buffer.from('a key of more than twenty bytes')]
  // Sun's protection with no bytes of a passphrase: the stream is SHA-1 of the salt, then of itself.
  const stream = Buffer.concat([sha1(salt), sha1(sha1(salt))])
  const mixed = secret.map((byte, at) => byte ^ (stream[at] as number))
  const data = Buffer.concat([salt, mixed, sha1(secret)])
  const sized = (tag: number, bytes: Uint8Array) => Buffer.concat([Buffer.from([tag, bytes.length]), bytes])
  const algorithm = sized(0x30, Buffer.from('060a2b060104012a02110101', 'hex'))
  const encrypted = sized(0x30, Buffer.concat([algorithm, sized(0x04, data)]))
  const number = (value: number) => Buffer.from(value.toString(16).padStart(8, '0'), 'hex')
  const head = [number(0xfeedfeed), number(1), number(1), number(1), Buffer.alloc(2), Buffer.alloc(8)]
  const store = Buffer.concat([...head, number(encrypted.length), encrypted, number(0), Buffer.alloc(20)])
  const open = (keyPassphrase?: string) => {
    const request = { passphrase: undefined, keyPassphrase, alias: undefined, wantsKey: true }
    const [key] = deriveSync(readJks(store, request)).keys
    return deriveSync(key?.pkcs8() as Deriving<Buffer>).toString()
  }
  expect(open()).toBe(secret.toString())
  expect(open('')).toBe(secret.toString())
  expect(() => open('other')).toThrow('the digest of the key is another one')
})

describe('what is derived ahead in PKCS #12', () => {
  const first = (name: string, request: object) => {
    const steps = readPkcs12(readFileSync(fixture(name)), {
      passphrase,
      keyPassphrase: undefined,
      alias: undefined,
      wantsKey: true,
      ...request,
    })
    const { value } = steps.next() as { value: { now: unknown[]; ahead: unknown[] } }
    return [value.now.length, value.ahead.length]
  }

  test('certificates, and the only key if it is wanted', () => {
    const [, withKey = 0] = first('rsa.p12', {})
    const [, without = 0] = first('rsa.p12', { wantsKey: false })
    expect(without).toBeGreaterThan(0)
    expect(withKey).toBeGreaterThan(without)
    expect(first('rsa.p12', { alias: 'no such alias' })).toEqual([1, without])
    expect(first('rsa.p12', { alias: 'client' })).toEqual([1, withKey])
  })

  test('the key also where other entries are next to it', () => {
    const [, withKey = 0] = first('secret-beside.p12', {})
    const [, without = 0] = first('secret-beside.p12', { wantsKey: false })
    expect(withKey).toBeGreaterThan(without)
  })

  test('nothing while the passphrase itself is not known', () => {
    expect(first('empty-passphrase.p12', { passphrase: undefined })).toEqual([1, 0])
  })
})

test('a trust store is read whatever it is called, and one without certificates is an error', () => {
  const error = thrown(() => verifyServer({ ca: { pfx: emptyStore() as MaterialInput } }))
  expect(error).toMatchObject({ code: 'STORE_ENTRY_MISSING', file: undefined })
  const file = fileWith(emptyStore(), 'trust.p12')
  expect(thrown(() => verifyServer({ ca: { pfx: file } }))).toMatchObject({
    code: 'STORE_ENTRY_MISSING',
    file,
  })
})

/** PFX { 3, data { [0] { AuthenticatedSafe { } } } }. */
function emptyStore(): Buffer {
  return Buffer.from('3016020103301106092a864886f70d010701a00404023000', 'hex')
}

test('a thread that does not answer is an error', () => {
  jest.spyOn(Atomics, 'wait').mockReturnValue('timed-out')
  const error = thrown(() => verifyClient({ pfx: fixture('slow.p12'), passphrase }))
  expect(error).toMatchObject({ cause: { message: expect.stringContaining('does not answer') } })
})

test('the system roots are added to our own, and do not end the search for a root', () => {
  const profile = make(verifyServer({ ca: ca.cert, systemRoots: true }))
  expect(profile.explain().trust).toMatchObject({ systemRoots: true })
  expect(profile.explain().trust?.ca.map(({ subject }) => subject)).toEqual([
    new X509Certificate(ca.cert).subject,
  ])
})

test('status names each file once, in the order of the options', () => {
  const [trust, cert, key] = [fileWith(ca.cert), fileWith(me.cert), fileWith(me.key)]
  const profile = make(mutual({ ca: [trust, trust], cert: [cert, trust], key }))
  expect(profile.status().files).toEqual([trust, cert, key])
})

test('the line end of a passphrase in a file is not part of it, but everything else is', () => {
  for (const text of [passphrase, `${passphrase}\n`, `${passphrase}\r\n`]) {
    make(verifyClient({ pfx: fixture('rsa.p12'), passphrase: { path: fileWith(text) } }))
  }
  for (const text of [
    `${passphrase}\n\n`,
    ` ${passphrase}`,
    `${passphrase} `,
    `${passphrase}\r`,
    `\n${passphrase}`,
  ]) {
    const wrong = () => verifyClient({ pfx: fixture('rsa.p12'), passphrase: { path: fileWith(text) } })
    expect(thrown(wrong).code).toBe('PASSPHRASE_WRONG')
  }
  for (const wrong of [`${passphrase}\n`, () => `${passphrase}\n`]) {
    expect(thrown(() => verifyClient({ pfx: fixture('rsa.p12'), passphrase: wrong })).code).toBe(
      'PASSPHRASE_WRONG',
    )
  }
})

test('a file of 16 MiB is read, and one with a byte more is not', () => {
  const file = fileWith(ca.cert)
  const text = Buffer.concat([Buffer.from(ca.cert), Buffer.alloc((16 << 20) - ca.cert.length, '\n')])
  writeFileSync(file, text)
  make(verifyServer({ ca: file }))
  make(verifyServer({ ca: text }))
  const larger = Buffer.concat([text, Buffer.from('\n')])
  writeFileSync(file, larger)
  expect(thrown(() => verifyServer({ ca: file }))).toMatchObject({ code: 'FILE_TOO_LARGE', file })
  expect(thrown(() => verifyServer({ ca: larger }))).toMatchObject({
    code: 'FILE_TOO_LARGE',
    file: undefined,
  })
})
