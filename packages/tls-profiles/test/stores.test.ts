/** PKCS #12 and JKS as real tools write them, and the errors for stores that are not read. */
import crypto, { createHash, createHmac } from 'node:crypto'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TlsProfile, type VerifyClientOptions, verifyClient, verifyServer } from '../src/index.js'
import { type Derivation, type Deriving, deriveAsync, deriveSync } from '../src/lib/material/derive.js'
import { fileWith, folder, removeFolders } from './support/folder.js'
import { thrown } from './support/thrown.js'

const fixture = (name: string) => join(__dirname, 'fixtures', name)
const passphrase = 'changeit'
const beyondAscii = 'Gruß 密码 🔑'
const made: TlsProfile[] = []

afterEach(() => {
  for (const profile of made.splice(0)) profile.close()
})
afterAll(removeFolders)

/** The subject of the certificate that a profile of this identity would send. */
function subjectOf(identity: VerifyClientOptions): string | undefined {
  const profile = verifyClient(identity)
  made.push(profile)
  return profile.status().certificates[0]?.certificate.subject
}

describe('PKCS #12', () => {
  test.each<[string, VerifyClientOptions, string]>([
    [
      'a passphrase beyond ASCII, with PBES2',
      { pfx: fixture('beyond-ascii.p12'), passphrase: beyondAscii },
      'plain',
    ],
    ['the same with 3DES', { pfx: fixture('beyond-ascii-3des.p12'), passphrase: beyondAscii }, 'plain'],
    ['an empty passphrase', { pfx: fixture('empty-passphrase.p12'), passphrase: '' }, 'plain'],
    ['an empty passphrase, not given', { pfx: fixture('empty-passphrase.p12') }, 'plain'],
    ['nothing encrypted', { pfx: fixture('unencrypted.p12') }, 'plain'],
    ['no MAC', { pfx: fixture('without-mac.p12'), passphrase }, 'plain'],
    ['a key of RSASSA-PSS', { pfx: fixture('pss.p12'), passphrase }, 'pss'],
    ['with a secret key', { pfx: fixture('secret-beside.p12'), passphrase }, 'plain'],
    ['so many iterations that a thread helps', { pfx: fixture('slow.p12'), passphrase }, 'plain'],
    [
      'a passphrase in a file',
      { pfx: fixture('rsa.p12'), passphrase: { path: fileWith(`${passphrase}\n`) } },
      'rsa',
    ],
    ['a passphrase from a function', { pfx: fixture('rsa.p12'), passphrase: () => passphrase }, 'rsa'],
  ])('%s', (_, identity, name) => {
    expect(subjectOf(identity)).toBe(`CN=${name}`)
  })

  test('the NULL passphrase, which is not the empty one', () => {
    const store = readFileSync(fixture('unencrypted.p12'))
    const empty = mac(store, Buffer.from([0, 0]))
    const at = store.indexOf(empty)
    expect(at).toBeGreaterThan(0) // or this test computes it wrongly
    mac(store, Buffer.alloc(0)).copy(store, at)
    expect(subjectOf({ pfx: store })).toBe('CN=plain')
    expect(thrown(() => verifyClient({ pfx: store, passphrase: 'other' })).code).toBe('PASSPHRASE_WRONG')
  })

  /** RFC 7292 appendix B.2 for one iteration of SHA-256, written for this test: hash of purpose, salt and passphrase. */
  function mac(store: Buffer, bmpPassphrase: Buffer): Buffer {
    // The content begins at the fourth SEQUENCE, and the salt is the last OCTET STRING.
    const salt = store.subarray(-8)
    const content = contentOf(store)
    const blocks = [
      Buffer.alloc(64, 3),
      Buffer.alloc(64, salt),
      Buffer.alloc(bmpPassphrase.length > 0 ? 64 : 0, bmpPassphrase),
    ]
    const key = createHash('sha256').update(Buffer.concat(blocks)).digest()
    return createHmac('sha256', key).update(content).digest()
  }

  /** PFX { 3, { data, [0] { OCTET STRING } } … }: every length here is of two bytes. */
  function contentOf(store: Buffer): Buffer {
    const octets = store.indexOf(Buffer.from([0x04, 0x82]))
    return store.subarray(octets + 4, octets + 4 + store.readUInt16BE(octets + 2))
  }

  test.each<[string, VerifyClientOptions]>([
    ['beyond ASCII', { pfx: fixture('beyond-ascii.p12'), passphrase: 'Gruss' }],
    ['without a MAC', { pfx: fixture('without-mac.p12'), passphrase: 'other' }],
    ['in a thread', { pfx: fixture('slow.p12'), passphrase: 'other' }],
    ['in a file', { pfx: fixture('rsa.p12'), passphrase: { path: fileWith('other') } }],
    ['from a function', { pfx: fixture('rsa.p12'), passphrase: () => 'other' }],
    ['nothing encrypted', { pfx: fixture('unencrypted.p12'), passphrase: 'other' }],
  ])('another passphrase is refused: %s', (_, identity) => {
    expect(thrown(() => verifyClient(identity)).code).toBe('PASSPHRASE_WRONG')
  })

  test('a store that was changed is refused, although it is not encrypted', () => {
    const store = readFileSync(fixture('unencrypted.p12'))
    const name = store.indexOf('plain')
    store.write('other', name)
    expect(thrown(() => verifyClient({ pfx: store })).code).toBe('PASSPHRASE_MISSING')
  })

  test('too many iterations are refused before they run', () => {
    const store = readFileSync(fixture('slow.p12'))
    const sixtyThousand = Buffer.from([0x02, 0x03, 0x00, 0xea, 0x60])
    const at = store.lastIndexOf(sixtyThousand)
    Buffer.from([0x02, 0x03, 0x7f, 0xff, 0xff]).copy(store, at)
    expect(thrown(() => verifyClient({ pfx: store, passphrase })).code).toBe('ENCRYPTION_UNSUPPORTED')
  })
})

describe('JKS', () => {
  test('a key of Ed25519', () => {
    expect(subjectOf({ jks: fixture('ed25519.jks'), passphrase })).toBe('CN=ed25519')
  })

  test('a passphrase of the key in a file', () => {
    const keyPassphrase = { path: fileWith('anotherOne\r\n') }
    const identity = { jks: fixture('own-key-password.jks'), passphrase, keyPassphrase }
    expect(subjectOf(identity)).toBe('CN=ec')
  })
})

describe('stores that are not read are named, with the command that converts them', () => {
  const salt = [0, 0, 0, 20, ...Array(20).fill(7), 0, 0, 4, 0]
  const tlv = (tag: number, ...parts: Buffer[]) =>
    Buffer.from([tag, Buffer.concat(parts).length, ...Buffer.concat(parts)])
  const pbes2 = tlv(0x30, tlv(0x06, Buffer.from('2a864886f70d01050d', 'hex')), tlv(0x30))
  const bcfks = tlv(0x30, tlv(0x30, pbes2, tlv(0x04, Buffer.alloc(40))), tlv(0x30))
  test.each<[string, Buffer]>([
    ['JCEKS', readFileSync(fixture('ed25519.jceks'))],
    ['BKS', Buffer.from([0, 0, 0, 2, ...salt, 1, 0, 4, ...Array(60).fill(65)])],
    ['UBER', Buffer.from([0, 0, 0, 1, ...salt, ...Array(60).fill(200)])],
    ['BCFKS', bcfks],
  ])('%s', (name, store) => {
    const file = fileWith(store)
    for (const create of [
      () => verifyClient({ pfx: file, passphrase }),
      () => verifyClient({ jks: file, passphrase }),
      () => verifyServer({ ca: { jks: file, passphrase } }),
    ]) {
      const error = thrown(create)
      expect(error).toMatchObject({ code: 'STORE_INVALID', file })
      expect(error.message).toContain(`-srcstoretype ${name}`)
      expect(error.message.match(/keytool/g)).toHaveLength(1)
    }
  })
})

describe('a passphrase that is renewed with its store', () => {
  test('is read together with it', async () => {
    const at = folder()
    const [pfx, password] = [join(at, 'user.p12'), join(at, 'user.password')]
    copyFileSync(fixture('rsa.p12'), pfx)
    copyFileSync(fileWith(passphrase), password)
    const profile = verifyClient({ pfx, passphrase: { path: password }, watch: false })
    made.push(profile)
    expect(profile.status().files).toEqual([pfx, password])
    copyFileSync(fixture('beyond-ascii.p12'), pfx)
    await expect(profile.reload()).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' })
    copyFileSync(fileWith(beyondAscii), password)
    expect(await profile.reload()).toBe('rotated')
    expect(profile.status().certificates[0]?.certificate.subject).toBe('CN=plain')
  })

  test('a function is asked at each load', async () => {
    const pfx = join(folder(), 'user.p12')
    copyFileSync(fixture('rsa.p12'), pfx)
    let current = passphrase
    const profile = verifyClient({ pfx, passphrase: () => current, watch: false })
    made.push(profile)
    copyFileSync(fixture('slow.p12'), pfx)
    current = 'other'
    await expect(profile.reload()).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' })
    current = passphrase
    expect(await profile.reload()).toBe('rotated')
  })

  test.each<[string, () => string]>([
    [
      'throws',
      () => {
        throw new Error('hunter2')
      },
    ],
    ['returns a promise', (async () => 'hunter2') as unknown as () => string],
    [
      'returns a promise that is rejected',
      (() => Promise.reject(new Error('hunter2'))) as unknown as () => string,
    ],
    ['returns nothing', (() => undefined) as unknown as () => string],
  ])('a function that %s is an error that does not show it', (_, ask) => {
    const error = thrown(() => verifyClient({ pfx: fixture('rsa.p12'), passphrase: ask }))
    expect(error.code).toBe('PASSPHRASE_MISSING')
    expect(`${error.message} ${String(error.cause)}`).not.toContain('hunter2')
  })

  test.each<[string, unknown]>([
    ['null', null],
    ['a number', 7],
    ['no path', {}],
    ['an empty path', { path: '' }],
    ['another option with it', { path: '/etc/password', encoding: 'utf8' }],
    ['bytes', Buffer.from('hunter2')],
  ])('%s is not a passphrase', (_, given) => {
    const passphrase = given as string
    expect(thrown(() => verifyClient({ pfx: fixture('rsa.p12'), passphrase })).code).toBe('OPTION_INVALID')
  })
})

describe('keys are derived off the event loop for a profile in use', () => {
  const pkcs12 = { kdf: 'pkcs12', digest: 'sha256', purpose: 3, length: 32, iterations: 60_000 } as const
  const native = { kdf: 'pbkdf2', digest: 'sha256', length: 32, iterations: 60_000 } as const
  const input = { password: Buffer.from('0063006800000'), salt: Buffer.from('salt') }
  const all: readonly Derivation[] = [
    { ...pkcs12, ...input },
    { ...pkcs12, ...input, digest: 'sha1', purpose: 1, length: 24 },
    { ...pkcs12, ...input, digest: 'sha512', iterations: 6_000 },
    { ...native, ...input },
    { kdf: 'scrypt', ...input, length: 32, options: { cost: 1024, blockSize: 8, parallelization: 1 } },
  ]

  function* deriving(derivation: Derivation): Deriving<string> {
    const [key] = yield { now: [derivation], ahead: [derivation] }
    return (key as Buffer).toString('hex')
  }

  test.each(all.map((each) => [`${each.kdf} ${'digest' in each ? each.digest : ''}`, each] as const))(
    '%s: the same, and other work goes on',
    async (_, derivation) => {
      const order: string[] = []
      setImmediate(() => order.push('other work'))
      const derived = await deriveAsync(deriving(derivation))
      order.push('derived')
      expect(order).toEqual(['other work', 'derived'])
      expect(derived).toBe(deriveSync(deriving(derivation)))
    },
  )
})

describe('while a profile is made, a thread and this thread work at the same time', () => {
  const input = { password: Buffer.from('password'), salt: Buffer.from('salt'), length: 32, digest: 'sha256' }
  const native = { kdf: 'pbkdf2', ...input, iterations: 1 } as const
  const pkcs12 = { kdf: 'pkcs12', purpose: 3, ...input } as const

  /** The order of the work, if the first derivation is needed and the other is only likely to be. */
  function orderOf(now: Derivation, ahead: Derivation): string[] {
    const order: string[] = []
    const noted = (name: string) => () => void order.push(name)
    const spies = [
      jest.spyOn(Atomics, 'wait').mockImplementationOnce((...all: Parameters<typeof Atomics.wait>) => {
        noted('waits')()
        return wait(...all)
      }),
      jest.spyOn(crypto, 'pbkdf2Sync').mockImplementation((...all) => {
        noted('derives')()
        return pbkdf2Sync(...all)
      }),
    ]
    deriveSync(asking(now, ahead))
    for (const spy of spies) spy.mockRestore()
    return order
  }
  const [wait, pbkdf2Sync] = [Atomics.wait.bind(Atomics), crypto.pbkdf2Sync]

  function* asking(now: Derivation, ahead: Derivation): Deriving<number> {
    return (yield { now: [now], ahead: [ahead] }).length
  }

  test('a derivation that is likely to be needed runs before the wait for the thread', () => {
    expect(orderOf({ ...pkcs12, iterations: 60_000 }, native)).toEqual(['derives', 'waits'])
  })

  test('without a thread only what is needed is derived: the passphrase may be wrong', () => {
    expect(orderOf({ ...pkcs12, iterations: 1_000 }, native)).toEqual([])
  })

  test('a failure of a derivation that is not needed is ignored', () => {
    const beyond = { ...native, digest: 'no such hash' }
    expect(deriveSync(asking({ ...pkcs12, iterations: 60_000 }, beyond))).toBe(1)
  })
})
