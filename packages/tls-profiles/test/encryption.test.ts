/** How keys and stores may be encrypted, each way written by OpenSSL or after its RFC, and what is refused. */
import { createCipheriv, getCiphers, getHashes, pbkdf2Sync, scryptSync } from 'node:crypto'
import { fresh } from './support/fresh.js'

const load = () =>
  fresh(() => ({
    ...(require('../src/lib/material/pbe.js') as typeof import('../src/lib/material/pbe.js')),
    ...(require('../src/lib/material/ber.js') as typeof import('../src/lib/material/ber.js')),
    ...(require('../src/lib/material/derive.js') as typeof import('../src/lib/material/derive.js')),
  }))
/** The name and the code of what is thrown. */
const refused = (action: () => unknown): unknown => {
  try {
    action()
  } catch (error) {
    const { name, code } = error as { name: string; code?: string }
    return code ?? name
  }
  return 'nothing'
}

const value = (tag: number, ...parts: Uint8Array[]) =>
  Buffer.from([tag, 0x81, Buffer.concat(parts).length, ...Buffer.concat(parts)])
const sequence = (...parts: Uint8Array[]) => value(0x30, ...parts)
const octets = (bytes: Uint8Array) => value(0x04, bytes)
const integer = (number: number) => value(0x02, Buffer.from(number.toString(16).padStart(12, '0'), 'hex'))
/** X.690 §8.19. */
function identifier(name: string): Buffer {
  const [first = 0, second = 0, ...others] = name.split('.').map(Number)
  const numbers = [first * 40 + second, ...others].map((number) => {
    const septets = [number % 128]
    for (let left = Math.floor(number / 128); left > 0; left = Math.floor(left / 128))
      septets.unshift(128 + (left % 128))
    return Buffer.from(septets)
  })
  return value(0x06, ...numbers)
}

const [password, salt, plain] = [
  'Gruß',
  Buffer.alloc(8, 7),
  Buffer.from('0123456789abcdef: what is encrypted'),
]
const hashes: Readonly<Record<string, number>> = {
  sha1: 7,
  sha224: 8,
  sha256: 9,
  sha384: 10,
  sha512: 11,
  'sha512-224': 12,
  'sha512-256': 13,
  md5: 6,
}
const prf = (hash: string) => sequence(identifier(`1.2.840.113549.2.${hashes[hash]}`))
const pbkdf2 = (...parameters: Uint8Array[]) =>
  sequence(identifier('1.2.840.113549.1.5.12'), sequence(octets(salt), ...parameters))
const scrypt = (...parameters: Uint8Array[]) =>
  sequence(identifier('1.3.6.1.4.1.11591.4.11'), sequence(octets(salt), ...parameters))
const pbes2 = (derivation: Uint8Array, cipher: string, parameter: Uint8Array) =>
  sequence(identifier('1.2.840.113549.1.5.13'), sequence(derivation, sequence(identifier(cipher), parameter)))

const aes = '2.16.840.1.101.3.4.1'
const camellia = '0.3.4401.5.3.1.9'
const aria = '1.2.410.200046.1.1'
/** Name, object identifier, bytes of its key, bytes of its vector. */
const ciphers: readonly (readonly [string, string, number, number])[] = [
  ['aes-128-cbc', `${aes}.2`, 16, 16],
  ['aes-192-cbc', `${aes}.22`, 24, 16],
  ['aes-256-cbc', `${aes}.42`, 32, 16],
  ['aes-128-ofb', `${aes}.3`, 16, 16],
  ['aes-128-cfb', `${aes}.4`, 16, 16],
  ['aes-192-ofb', `${aes}.23`, 24, 16],
  ['aes-192-cfb', `${aes}.24`, 24, 16],
  ['aes-256-ofb', `${aes}.43`, 32, 16],
  ['aes-256-cfb', `${aes}.44`, 32, 16],
  ['des-ede3-cbc', '1.2.840.113549.3.7', 24, 8],
  ...[128, 192, 256].flatMap((bits, index) => [
    [`camellia-${bits}-cbc`, `1.2.392.200011.61.1.1.1.${2 + index}`, bits / 8, 16] as const,
    [`camellia-${bits}-ofb`, `${camellia}.${3 + 20 * index}`, bits / 8, 16] as const,
    [`camellia-${bits}-cfb`, `${camellia}.${4 + 20 * index}`, bits / 8, 16] as const,
    [`camellia-${bits}-ctr`, `${camellia}.${9 + 20 * index}`, bits / 8, 16] as const,
    [`aria-${bits}-cbc`, `${aria}.${2 + 5 * index}`, bits / 8, 16] as const,
    [`aria-${bits}-cfb`, `${aria}.${3 + 5 * index}`, bits / 8, 16] as const,
    [`aria-${bits}-ofb`, `${aria}.${4 + 5 * index}`, bits / 8, 16] as const,
    [`aria-${bits}-ctr`, `${aria}.${5 + 5 * index}`, bits / 8, 16] as const,
  ]),
  ['sm4-cbc', '1.2.156.10197.1.104.2', 16, 16],
  ['sm4-ofb', '1.2.156.10197.1.104.3', 16, 16],
  ['sm4-cfb', '1.2.156.10197.1.104.4', 16, 16],
  ['sm4-ctr', '1.2.156.10197.1.104.7', 16, 16],
]

function decrypted(algorithm: Buffer, encrypted: Buffer): Buffer {
  const { decrypting, deriveSync, encryptionOf, passphraseFrom, readBer } = load()
  return deriveSync(decrypting(encryptionOf(readBer(algorithm), passphraseFrom(password)), encrypted))
}

test('every cipher is read under its own object identifier', () => {
  const known = ciphers.filter(([name]) => getCiphers().includes(name))
  expect(known.length).toBeGreaterThan(20)
  for (const [name, id, keySize, vectorSize] of known) {
    const [key, vector] = [pbkdf2Sync(password, salt, 3, keySize, 'sha256'), Buffer.alloc(vectorSize, 5)]
    const cipher = createCipheriv(name, key, vector)
    const encrypted = Buffer.concat([cipher.update(plain), cipher.final()])
    for (const parameters of [
      [integer(3), prf('sha256')],
      [integer(3), integer(keySize), prf('sha256')],
    ]) {
      const algorithm = pbes2(pbkdf2(...parameters), id, octets(vector))
      expect([name, decrypted(algorithm, encrypted).toString()]).toEqual([name, plain.toString()])
    }
  }
})

test.each([
  ['aes-128-gcm', 6, 16],
  ['aes-192-gcm', 26, 24],
  ['aes-256-gcm', 46, 32],
] as const)('%s, with a tag of 12 to 16 bytes, and one that was changed is refused', (name, id, keySize) => {
  const [key, vector] = [pbkdf2Sync(password, salt, 3, keySize, 'sha1'), Buffer.alloc(12, 5)]
  for (const said of [undefined, 12, 13, 16]) {
    const cipher = createCipheriv(name, key, vector, { authTagLength: said ?? 12 })
    const encrypted = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    const parameters = sequence(octets(vector), ...(said === undefined ? [] : [integer(said)]))
    const algorithm = pbes2(pbkdf2(integer(3)), `${aes}.${id}`, parameters)
    expect(decrypted(algorithm, encrypted).toString()).toBe(plain.toString())
    for (const at of [0, encrypted.length - 1]) {
      const other = Buffer.from(encrypted)
      other[at] = (other[at] as number) ^ 1
      expect(refused(() => decrypted(algorithm, other))).toBe('DecryptionError')
    }
    expect(refused(() => decrypted(algorithm, encrypted.subarray(0, 5)))).toBe('DecryptionError')
  }
  for (const parameters of [
    [octets(vector), integer(11)],
    [octets(vector), integer(17)],
    [octets(Buffer.alloc(0)), integer(12)],
  ]) {
    const algorithm = pbes2(pbkdf2(integer(3)), `${aes}.${id}`, sequence(...parameters))
    expect(refused(() => decrypted(algorithm, Buffer.alloc(40)))).toBe('FormatError')
  }
})

const vector = Buffer.alloc(16, 5)
function encryptedBy(key: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-cbc', key, vector)
  return Buffer.concat([cipher.update(plain), cipher.final()])
}
const under = (derivation: Uint8Array) => pbes2(derivation, `${aes}.42`, octets(vector))

test('every hash of PBKDF2, and SHA-1 if none is named', () => {
  for (const hash of Object.keys(hashes)) {
    if (!getHashes().includes(hash)) continue
    const encrypted = encryptedBy(pbkdf2Sync(password, salt, 2, 32, hash))
    expect([hash, decrypted(under(pbkdf2(integer(2), prf(hash))), encrypted).toString()]).toEqual([
      hash,
      plain.toString(),
    ])
  }
  const encrypted = encryptedBy(pbkdf2Sync(password, salt, 2, 32, 'sha1'))
  expect(decrypted(under(pbkdf2(integer(2))), encrypted).toString()).toBe(plain.toString())
  expect(refused(() => decrypted(under(pbkdf2(integer(3))), encrypted))).toBe('DecryptionError')
})

test('every hash has its name', () => {
  const { digestOf } = load()
  const nist = ['sha256', 'sha384', 'sha512', 'sha224', 'sha512-224', 'sha512-256']
  const all = [
    ['1.3.14.3.2.26', 'sha1'],
    ['1.2.840.113549.2.5', 'md5'],
    ...nist.map((name, index) => [`2.16.840.1.101.3.4.2.${index + 1}`, name] as const),
    ...Object.entries(hashes).map(([name, id]) => [`1.2.840.113549.2.${id}`, name] as const),
  ] as const
  for (const [id, name] of all) if (getHashes().includes(name)) expect([id, digestOf(id)]).toEqual([id, name])
  expect(refused(() => digestOf('1.2.3'))).toBe('ENCRYPTION_UNSUPPORTED')
  expect(refused(() => digestOf('constructor'))).toBe('ENCRYPTION_UNSUPPORTED')
})

test('scrypt, up to what needs 256 MiB', () => {
  const encrypted = encryptedBy(scryptSync(password, salt, 32, { cost: 4, blockSize: 2, parallelization: 3 }))
  expect(decrypted(under(scrypt(integer(4), integer(2), integer(3))), encrypted).toString()).toBe(
    plain.toString(),
  )
  const { encryptionOf, passphraseFrom, readBer } = load()
  const asked = (...numbers: number[]) =>
    refused(() => encryptionOf(readBer(under(scrypt(...numbers.map(integer)))), passphraseFrom(password)))
  for (const right of [
    [2, 1, 1],
    [1 << 20, 1, 1],
    [1 << 15, 8, 4],
    [2, 1 << 18, 2],
    [2, 2, 1 << 18],
  ]) {
    expect([right, asked(...right)]).toEqual([right, 'nothing'])
  }
  for (const wrong of [
    [1 << 21, 1, 1],
    [1 << 15, 8, 5],
    [2, 1 << 19, 2],
    [3, 1, 1],
    [1, 1, 1],
    [0, 1, 1],
    [2, 0, 1],
    [2, 1, 0],
  ]) {
    expect([wrong, asked(...wrong)]).toEqual([wrong, 'LimitError'])
  }
  expect(asked(2, 1)).toBe('LimitError')
  expect(asked(2)).toBe('LimitError')
})

test('what is unknown is named by its code, and a wrong length is a wrong format', () => {
  const { encryptionOf, mostIterations, passphraseFrom, readBer } = load()
  const asked = (algorithm: Buffer) =>
    refused(() => encryptionOf(readBer(algorithm), passphraseFrom(password)))
  expect(asked(sequence(identifier('1.2.3'), sequence()))).toBe('ENCRYPTION_UNSUPPORTED')
  expect(asked(pbes2(pbkdf2(integer(1)), '1.2.3', octets(vector)))).toBe('ENCRYPTION_UNSUPPORTED')
  expect(asked(under(sequence(identifier('1.2.3'), sequence(octets(salt)))))).toBe('ENCRYPTION_UNSUPPORTED')
  expect(asked(under(pbkdf2(integer(1), integer(31))))).toBe('FormatError')
  expect(asked(under(pbkdf2(integer(0))))).toBe('LimitError')
  expect(asked(under(pbkdf2(integer(mostIterations))))).toBe('nothing')
  expect(asked(under(pbkdf2(integer(mostIterations + 1))))).toBe('LimitError')
})

test('PBMAC1 takes keys of 20 to 1024 bytes, by PBKDF2 alone', () => {
  const { pbmac1Derivation, readBer } = load()
  const asked = (derivation: Buffer) => pbmac1Derivation(readBer(derivation), Buffer.from(password))
  for (const length of [20, 1024]) {
    expect(asked(pbkdf2(integer(7), integer(length), prf('sha512')))).toEqual({
      kdf: 'pbkdf2',
      password: Buffer.from(password),
      salt,
      iterations: 7,
      length,
      digest: 'sha512',
    })
  }
  for (const length of [19, 1025]) {
    expect(refused(() => asked(pbkdf2(integer(7), integer(length))))).toBe('LimitError')
  }
  expect(refused(() => asked(pbkdf2(integer(7))))).toBe('FormatError')
  expect(refused(() => asked(scrypt(integer(7), integer(20))))).toBe('ENCRYPTION_UNSUPPORTED')
})

/** RFC 7292 appendix C. The vectors of its key derivation are in the stores that OpenSSL wrote. */
test('the ciphers of PKCS #12 derive a key and a vector, from the passphrase in UTF-16', () => {
  const { encryptionOf, nullPassphrase, passphraseFrom, readBer } = load()
  for (const [id, length] of [
    [3, 24],
    [4, 16],
    [5, 16],
    [6, 5],
  ] as const) {
    const algorithm = sequence(identifier(`1.2.840.113549.1.12.1.${id}`), sequence(octets(salt), integer(9)))
    const all = { kdf: 'pkcs12', salt, iterations: 9, digest: 'sha1' }
    const utf16 = Buffer.from('004700720075 00df 0000'.replaceAll(' ', ''), 'hex')
    expect(encryptionOf(readBer(algorithm), passphraseFrom(password)).derivations).toEqual([
      { ...all, password: utf16, purpose: 1, length },
      { ...all, password: utf16, purpose: 2, length: 8 },
    ])
    expect(encryptionOf(readBer(algorithm), nullPassphrase).derivations[0]?.password).toEqual(Buffer.alloc(0))
  }
  const rc4 = sequence(identifier('1.2.840.113549.1.12.1.1'), sequence(octets(salt), integer(9)))
  expect(refused(() => encryptionOf(readBer(rc4), nullPassphrase))).toBe('ENCRYPTION_UNSUPPORTED')
})

test('3DES with two keys uses the first of them again', () => {
  const { encryptionOf, nullPassphrase, readBer } = load()
  const [key, iv] = [Buffer.from('0123456789abcdeffedcba9876543210', 'hex'), Buffer.alloc(8, 3)]
  const cipher = createCipheriv('des-ede3-cbc', Buffer.concat([key, key.subarray(0, 8)]), iv)
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()])
  const algorithm = sequence(identifier('1.2.840.113549.1.12.1.4'), sequence(octets(salt), integer(9)))
  const { decrypt } = encryptionOf(readBer(algorithm), nullPassphrase)
  expect(decrypt(encrypted, [key, iv]).toString()).toBe(plain.toString())
  expect(refused(() => decrypt(encrypted.subarray(1), [key, iv]))).toBe('DecryptionError')
})
