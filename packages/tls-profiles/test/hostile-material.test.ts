/** Files that are made to use time or memory, and stores that were refused for no good reason. */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TlsError, verifyClient, verifyServer } from '../src/index.js'
import {
  type Derivation,
  type Deriving,
  deriveAsync,
  deriveSync,
  mostIterations,
} from '../src/lib/material/derive.js'
import { LimitError } from '../src/lib/material/format-error.js'
import { fileWith, removeFolders } from './support/folder.js'
import { thrown } from './support/thrown.js'

afterAll(removeFolders)

const fixture = (name: string) => join(__dirname, 'fixtures', name)
const passphrase = 'changeit'
const size = 8 << 20

const lengthOf = (length: number) => [
  0x84,
  length >>> 24,
  (length >> 16) & 0xff,
  (length >> 8) & 0xff,
  length & 0xff,
]
const der = (tag: number, ...contents: Uint8Array[]) => {
  const all = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag, ...lengthOf(all.length)]), all])
}
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))
const integer = (value: number) => der(0x02, Buffer.from(value.toString(16).padStart(12, '0'), 'hex'))
const filled = (...unit: number[]) => Buffer.alloc(size, Buffer.from(unit))
const data = oid('2a864886f70d010701')
/** PFX of one part, whose SafeContents are these bags. */
const storeOf = (bags: Uint8Array) => storeWith(der(0x30, data, der(0xa0, der(0x04, der(0x30, bags)))))
const storeWith = (parts: Uint8Array) => {
  return der(0x30, integer(3), der(0x30, data, der(0xa0, der(0x04, der(0x30, parts)))))
}
const unknownBag = (attributes: Uint8Array) => {
  return der(0x30, oid('2a864886f70d010c0a0104'), der(0xa0, integer(1)), der(0x31, attributes))
}

function causeOf(pfx: Buffer): [string, unknown] {
  const { code, cause } = thrown(() => verifyClient({ pfx, passphrase })) as TlsError
  return [code, (cause as Error).message]
}

describe('a store with megabytes of useless content', () => {
  test.each<[string, Buffer]>([
    ['parts', storeWith(filled(0x05, 0x00))],
    ['bags', storeOf(filled(0x05, 0x00))],
    ['attributes of a bag', storeOf(unknownBag(filled(0x05, 0x00)))],
    ['bags that are skipped', storeOf(Buffer.concat(Array(300_000).fill(unknownBag(Buffer.alloc(0)))))],
    [
      'pieces of one string',
      der(0x30, integer(3), der(0x30, data, der(0xa0, der(0x24, filled(0x04, 0x00))))),
    ],
  ])('%s', (_, pfx) => {
    expect(causeOf(pfx)).toEqual(['STORE_INVALID', 'more values than any store has'])
  })

  test('a long object identifier, and levels', () => {
    const long = storeWith(der(0x30, der(0x06, Buffer.alloc(size, 1))))
    expect(causeOf(long)).toEqual(['STORE_INVALID', 'an object identifier out of bounds'])
    expect(causeOf(filled(0x30, 0x80))).toEqual(['STORE_INVALID', 'nested too deeply'])
  })

  test.each<[string, number[], string]>([
    [
      'certificates',
      [0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      'more entries than any store has',
    ],
    [
      'of one key',
      [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0],
      'a longer chain than any key has',
    ],
  ])('JKS: %s', (_, entry, problem) => {
    const version1 = Buffer.from('feedfeed000000017fffffff', 'hex')
    expect(causeOf(Buffer.concat([version1, filled(...entry)]))).toEqual(['STORE_INVALID', problem])
  })
})

describe('all parts of a store together have a limit, not only each part', () => {
  const input = { password: Buffer.from('password'), salt: Buffer.from('salt'), length: 32 }
  const slow = { ...input, kdf: 'pbkdf2', iterations: mostIterations, digest: 'sha256' } as const
  const quick = { ...input, kdf: 'pbkdf2', iterations: 1, digest: 'sha256' } as const
  /** It counts with its memory limit, so this one soon uses up the limit. */
  const scrypt = (): Derivation => ({
    ...input,
    kdf: 'scrypt',
    options: { cost: 2, blockSize: 1, parallelization: 1 },
  })

  function* together(...now: Derivation[]): Deriving<number> {
    return (yield { now }).length
  }
  function* aheadOf(ahead: readonly Derivation[], then: Derivation): Deriving<number> {
    yield { now: [quick], ahead }
    return (yield { now: [then] }).length
  }

  test('for what is needed at once, before anything is derived', () => {
    const four = () => deriveSync(together({ ...slow }, { ...slow }, { ...slow }, { ...slow }))
    expect(four).toThrow(LimitError)
    expect(() => deriveSync(together({ ...slow, length: 97 }))).toThrow(LimitError)
    expect(deriveSync(together(scrypt(), scrypt(), scrypt()))).toBe(3)
  })

  test('also off the event loop', async () => {
    await expect(deriveAsync(together(scrypt(), scrypt(), scrypt(), scrypt()))).rejects.toThrow(LimitError)
  })

  test('a derivation that may be needed runs early only within the limit', async () => {
    const ahead = Array.from({ length: 50 }, scrypt)
    const [first, last] = [ahead[0], ahead.at(-1)] as [Derivation, Derivation]
    await expect(deriveAsync(aheadOf(ahead, first))).resolves.toBe(1)
    await expect(deriveAsync(aheadOf(ahead, last))).rejects.toThrow(LimitError)
    expect(deriveSync(aheadOf(ahead, first))).toBe(1)
    expect(() => deriveSync(aheadOf(ahead, last))).toThrow(LimitError)
  })
})

test('a key with too many iterations is not passed to OpenSSL, which has no limit', () => {
  const derivation = der(
    0x30,
    oid('2a864886f70d01050c'),
    der(0x30, der(0x04, Buffer.alloc(8)), integer(mostIterations + 1)),
  )
  const cipher = der(0x30, oid('60864801650304012a'), der(0x04, Buffer.alloc(16)))
  const algorithm = der(0x30, oid('2a864886f70d01050d'), der(0x30, derivation, cipher))
  const key = der(0x30, algorithm, der(0x04, Buffer.alloc(64)))
  const error = thrown(() => verifyClient({ cert: fixture('plain.pem'), key, passphrase })) as TlsError
  expect(error).toMatchObject({ code: 'ENCRYPTION_UNSUPPORTED', cause: { name: 'LimitError' } })
})

test('PBMAC1 with a key that is longer than its hash, as BouncyCastle writes it', () => {
  const pfx = readFileSync(fixture('pbmac1.p12'))
  const profile = verifyClient({ pfx, passphrase })
  profile.close()
  expect(profile.status().certificates[0]?.certificate.subject).toBe('CN=plain')
  expect(thrown(() => verifyClient({ pfx, passphrase: 'other' })).code).toBe('PASSPHRASE_WRONG')
  // RFC 9579 §4: it must say how long the key is; and that is bounded.
  const length = pfx.lastIndexOf(Buffer.from([0x02, 0x02, 0x01, 0x00, 0x30]))
  expect(length).toBeGreaterThan(0)
  for (const changed of [[0x05], [0x02, 0x02, 0x7f]]) {
    const other = Buffer.from(pfx)
    other.set(changed, length)
    expect(['STORE_INVALID', 'ENCRYPTION_UNSUPPORTED']).toContain(
      thrown(() => verifyClient({ pfx: other, passphrase })).code,
    )
  }
})

describe('content that a stranger could have written does not count as protected by the passphrase', () => {
  test('PBMAC1 with a key that is easy to guess', () => {
    const pfx = readFileSync(fixture('pbmac1.p12'))
    const length = pfx.lastIndexOf(Buffer.from([0x02, 0x02, 0x01, 0x00, 0x30]))
    for (const bytes of [1, 19]) {
      pfx.writeUInt16BE(bytes, length + 2)
      expect(causeOf(pfx)).toEqual([
        'ENCRYPTION_UNSUPPORTED',
        expect.stringContaining(`a key of ${bytes} bytes`),
      ])
    }
    pfx.writeUInt16BE(20, length + 2)
    expect(thrown(() => verifyClient({ pfx, passphrase })).code).toBe('PASSPHRASE_WRONG')
  })

  test('a trust store that has neither MAC nor encryption, and is given with a passphrase', () => {
    const x509 = new X509Certificate(readFileSync(fixture('ca.pem')))
    const certificate = der(0x30, oid('2a864886f70d01091601'), der(0xa0, der(0x04, x509.raw)))
    const pfx = storeOf(der(0x30, oid('2a864886f70d010c0a0103'), der(0xa0, certificate)))
    const error = thrown(() => verifyServer({ ca: { pfx: fileWith(pfx), passphrase } }))
    expect(error).toMatchObject({
      code: 'STORE_INVALID',
      message: expect.stringContaining('there is no MAC'),
    })
    for (const none of [undefined, '']) {
      const profile = verifyServer({ ca: { pfx, passphrase: none } })
      profile.close()
      expect(profile.explain().trust?.ca.map(({ subject }) => subject)).toEqual([x509.subject])
    }
  })
})

describe('AES-GCM without a MAC, as BouncyCastle writes it', () => {
  const pfx = readFileSync(fixture('gcm.p12'))

  test('is read, and another passphrase is refused', () => {
    const profile = verifyClient({ pfx, passphrase })
    profile.close()
    expect(profile.status().certificates[0]?.certificate.subject).toBe('CN=plain')
    expect(thrown(() => verifyClient({ pfx, passphrase: 'other' })).code).toBe('PASSPHRASE_WRONG')
  })

  test('a changed store is refused', () => {
    // Inside the tag of the certificates, which are at the end of the file, and inside the key.
    for (const at of [pfx.length - 30, 250]) {
      const changed = Buffer.from(pfx)
      changed[at] = (changed[at] as number) ^ 1
      expect(thrown(() => verifyClient({ pfx: changed, passphrase })).code).toBe('PASSPHRASE_WRONG')
    }
  })

  test('a tag of another length than GCM has is refused', () => {
    // GCMParameters { nonce, 16 }
    const said = Buffer.from([0x02, 0x01, 0x10])
    const places = [pfx.indexOf(said), pfx.lastIndexOf(said)]
    expect(places[0]).toBeGreaterThan(0)
    expect(places[1]).toBeGreaterThan(places[0] as number)
    for (const length of [0, 4, 8, 17, 0x7f]) {
      const changed = Buffer.from(pfx)
      for (const at of places) changed[at + 2] = length
      expect(thrown(() => verifyClient({ pfx: changed, passphrase })).code).toBe('STORE_INVALID')
    }
  })
})

test('of two aliases that differ only in upper and lower case, the exact one is used', () => {
  for (const alias of ['client', 'Client']) {
    const profile = verifyClient({ jks: fixture('two-cases.jks'), passphrase, alias })
    profile.close()
    expect(profile.status().certificates[0]?.certificate.subject).toBe(`CN=${alias}`)
  }
  const neither = () => verifyClient({ jks: fixture('two-cases.jks'), passphrase, alias: 'CLIENT' })
  expect(thrown(neither).code).toBe('STORE_ENTRY_MISSING')
})

test('the error of a broken store does not say that it is a store', () => {
  const broken = readFileSync(fixture('pbmac1.p12')).subarray(0, -40)
  const error = thrown(() => verifyClient({ pfx: broken, passphrase }))
  expect(error.message).toContain('cut short')
  expect(error.message).not.toContain('it is a PKCS #12 store')
})

test('the error of a broken certificate does not say that its label is wrong', () => {
  const broken = readFileSync(fixture('plain.pem'), 'utf8').replace('MII', 'AAA')
  const error = thrown(() => verifyClient({ cert: broken, key: fixture('scrypt.key'), passphrase }))
  expect(error.message).not.toContain('nothing but CERTIFICATE')
})
