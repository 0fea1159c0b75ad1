import { type CipherGCMTypes, createDecipheriv, getCiphers, getHashes } from 'node:crypto'
import { TlsError } from '../../errors.js'
import { loadPeer } from '../load-peer.js'
import { type Ber, integer, octets, oid, sequence, tags } from './ber.js'
import { type Derivation, type Deriving, mostIterations } from './derive.js'
import { DecryptionError, FormatError, LimitError } from './format-error.js'

/** A passphrase in the two forms that PKCS #12 uses. */
export interface Passphrase {
  /** RFC 7292 appendix B.1: UTF-16 with a terminator; zero bytes for NULL, which some tools use for "none". */
  readonly utf16: Buffer
  /** PBES2 (RFC 8018) takes bytes: UTF-8, in OpenSSL and in Java. */
  readonly utf8: Buffer
}

export function passphraseFrom(text: string): Passphrase {
  return { utf16: Buffer.from(`${text}\0`, 'utf16le').swap16(), utf8: Buffer.from(text) }
}

/** This is not the same as the empty passphrase. */
export const nullPassphrase: Passphrase = { utf16: Buffer.alloc(0), utf8: Buffer.alloc(0) }

/** A cipher and the way to derive its key: an EncryptionAlgorithm after parsing, before any derivation. */
export interface Encryption {
  readonly derivations: readonly Derivation[]
  decrypt(encrypted: Buffer, derived: readonly Buffer[]): Buffer
}

const mostScryptBytes = 256 << 20
/**
 * RFC 9579 recommends this minimum: with a key of one byte, one in 256 stores written by a stranger would have the
 * right MAC.
 */
const shortestMacKey = 20
/** BouncyCastle uses 256. A key longer than the block size of its hash makes an HMAC no stronger. */
const longestMacKey = 1024
const pbkdf2 = '1.2.840.113549.1.5.12'

/** Reads an AlgorithmIdentifier (RFC 7292 appendix C, RFC 8018 §6.2). Throws ENCRYPTION_UNSUPPORTED for one that is not listed here. */
export function encryptionOf(algorithm: Ber | undefined, passphrase: Passphrase): Encryption {
  const [type, parameters] = sequence(algorithm)
  const name = oid(type)
  if (name === '1.2.840.113549.1.5.13') return pbes2(parameters, passphrase)
  const old = pkcs12Ciphers[name]
  if (!old) throw unsupported(`the algorithm ${name}`)
  const [salt, iterations] = sequence(parameters)
  const input = {
    kdf: 'pkcs12',
    password: passphrase.utf16,
    salt: octets(salt),
    iterations: iterationsOf(iterations),
    digest: 'sha1',
  } as const
  return {
    derivations: [
      { ...input, purpose: 1, length: old.keyLength },
      { ...input, purpose: 2, length: 8 },
    ],
    decrypt: (encrypted, [key, iv]) => old.decrypt(key as Buffer, iv as Buffer, encrypted),
  }
}

/** Decrypts an EncryptedPrivateKeyInfo or EncryptedData: a key for the algorithm, then the data. */
export function* decrypting(encryption: Encryption, encrypted: Buffer): Deriving<Buffer> {
  return encryption.decrypt(encrypted, yield { now: encryption.derivations })
}

interface OldCipher {
  readonly keyLength: number
  decrypt(key: Buffer, iv: Buffer, encrypted: Buffer): Buffer
}

/** RFC 7292 appendix C. RC4 is left out, as in OpenSSL 3. */
const pkcs12Ciphers: Readonly<Record<string, OldCipher>> = {
  '1.2.840.113549.1.12.1.3': { keyLength: 24, decrypt: byOpenssl('des-ede3-cbc') },
  '1.2.840.113549.1.12.1.4': {
    keyLength: 16,
    decrypt: (key, iv, encrypted) =>
      byOpenssl('des-ede3-cbc')(Buffer.concat([key, key.subarray(0, 8)]), iv, encrypted),
  },
  '1.2.840.113549.1.12.1.5': { keyLength: 16, decrypt: byForge },
  '1.2.840.113549.1.12.1.6': { keyLength: 5, decrypt: byForge },
}

const ciphers: Readonly<Record<string, { readonly name: string; readonly keyLength: number }>> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keyLength: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keyLength: 24 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', keyLength: 32 },
  '2.16.840.1.101.3.4.1.3': { name: 'aes-128-ofb', keyLength: 16 },
  '2.16.840.1.101.3.4.1.4': { name: 'aes-128-cfb', keyLength: 16 },
  '2.16.840.1.101.3.4.1.23': { name: 'aes-192-ofb', keyLength: 24 },
  '2.16.840.1.101.3.4.1.24': { name: 'aes-192-cfb', keyLength: 24 },
  '2.16.840.1.101.3.4.1.43': { name: 'aes-256-ofb', keyLength: 32 },
  '2.16.840.1.101.3.4.1.44': { name: 'aes-256-cfb', keyLength: 32 },
  '2.16.840.1.101.3.4.1.6': { name: 'aes-128-gcm', keyLength: 16 },
  '2.16.840.1.101.3.4.1.26': { name: 'aes-192-gcm', keyLength: 24 },
  '2.16.840.1.101.3.4.1.46': { name: 'aes-256-gcm', keyLength: 32 },
  '1.2.840.113549.3.7': { name: 'des-ede3-cbc', keyLength: 24 },
  '1.2.392.200011.61.1.1.1.2': { name: 'camellia-128-cbc', keyLength: 16 },
  '1.2.392.200011.61.1.1.1.3': { name: 'camellia-192-cbc', keyLength: 24 },
  '1.2.392.200011.61.1.1.1.4': { name: 'camellia-256-cbc', keyLength: 32 },
  '1.2.410.200046.1.1.2': { name: 'aria-128-cbc', keyLength: 16 },
  '1.2.410.200046.1.1.7': { name: 'aria-192-cbc', keyLength: 24 },
  '1.2.410.200046.1.1.12': { name: 'aria-256-cbc', keyLength: 32 },
  '0.3.4401.5.3.1.9.3': { name: 'camellia-128-ofb', keyLength: 16 },
  '0.3.4401.5.3.1.9.4': { name: 'camellia-128-cfb', keyLength: 16 },
  '0.3.4401.5.3.1.9.9': { name: 'camellia-128-ctr', keyLength: 16 },
  '0.3.4401.5.3.1.9.23': { name: 'camellia-192-ofb', keyLength: 24 },
  '0.3.4401.5.3.1.9.24': { name: 'camellia-192-cfb', keyLength: 24 },
  '0.3.4401.5.3.1.9.29': { name: 'camellia-192-ctr', keyLength: 24 },
  '0.3.4401.5.3.1.9.43': { name: 'camellia-256-ofb', keyLength: 32 },
  '0.3.4401.5.3.1.9.44': { name: 'camellia-256-cfb', keyLength: 32 },
  '0.3.4401.5.3.1.9.49': { name: 'camellia-256-ctr', keyLength: 32 },
  '1.2.410.200046.1.1.3': { name: 'aria-128-cfb', keyLength: 16 },
  '1.2.410.200046.1.1.4': { name: 'aria-128-ofb', keyLength: 16 },
  '1.2.410.200046.1.1.5': { name: 'aria-128-ctr', keyLength: 16 },
  '1.2.410.200046.1.1.8': { name: 'aria-192-cfb', keyLength: 24 },
  '1.2.410.200046.1.1.9': { name: 'aria-192-ofb', keyLength: 24 },
  '1.2.410.200046.1.1.10': { name: 'aria-192-ctr', keyLength: 24 },
  '1.2.410.200046.1.1.13': { name: 'aria-256-cfb', keyLength: 32 },
  '1.2.410.200046.1.1.14': { name: 'aria-256-ofb', keyLength: 32 },
  '1.2.410.200046.1.1.15': { name: 'aria-256-ctr', keyLength: 32 },
  '1.2.156.10197.1.104.2': { name: 'sm4-cbc', keyLength: 16 },
  '1.2.156.10197.1.104.3': { name: 'sm4-ofb', keyLength: 16 },
  '1.2.156.10197.1.104.4': { name: 'sm4-cfb', keyLength: 16 },
  '1.2.156.10197.1.104.7': { name: 'sm4-ctr', keyLength: 16 },
}

function pbes2(parameters: Ber | undefined, { utf8 }: Passphrase): Encryption {
  const [derivation, scheme] = sequence(parameters)
  const [type, parameter] = sequence(scheme)
  const cipher = ciphers[oid(type)]
  if (!cipher || !getCiphers().includes(cipher.name))
    throw unsupported(`the cipher ${cipher?.name ?? oid(type)}`)
  const decrypt = cipher.name.endsWith('-gcm')
    ? byGcm(cipher.name, parameter)
    : byVector(cipher.name, parameter)
  return {
    derivations: [pbes2Derivation(derivation, utf8, cipher.keyLength)],
    decrypt: (encrypted, [key]) => decrypt(key as Buffer, encrypted),
  }
}

type Decrypt = (key: Buffer, encrypted: Buffer) => Buffer

function byVector(name: string, parameter: Ber | undefined): Decrypt {
  const vector = octets(parameter)
  return (key, encrypted) => byOpenssl(name)(key, vector, encrypted)
}

/** GCMParameters (RFC 5084 §3.2), as BouncyCastle writes them; OpenSSL itself opens no store with GCM. The tag comes last. */
function byGcm(name: string, parameters: Ber | undefined): Decrypt {
  const [nonce, said] = sequence(parameters)
  const [vector, authTagLength] = [octets(nonce), said ? integer(said) : 12]
  if (vector.length === 0 || authTagLength < 12 || authTagLength > 16)
    throw new FormatError('parameters of GCM out of bounds')
  return (key, encrypted) => {
    const at = Math.max(0, encrypted.length - authTagLength)
    try {
      const decipher = createDecipheriv(name as CipherGCMTypes, key, vector, { authTagLength })
      decipher.setAuthTag(encrypted.subarray(at))
      return Buffer.concat([decipher.update(encrypted.subarray(0, at)), decipher.final()])
    } catch {
      throw new DecryptionError('the tag of what was decrypted is another one')
    }
  }
}

/** PBKDF2 (RFC 8018 appendix A.2) or scrypt (RFC 7914 §7.1). */
function pbes2Derivation(algorithm: Ber | undefined, password: Buffer, length: number): Derivation {
  const [type, parameters] = sequence(algorithm)
  const name = oid(type)
  if (name === pbkdf2) {
    const { said, ...derivation } = pbkdf2Of(parameters, password)
    return { ...derivation, length: said ? lengthOf(said, length) : length }
  }
  const [salt, first, ...others] = sequence(parameters)
  if (name !== '1.3.6.1.4.1.11591.4.11') throw unsupported(`the key derivation ${name}`)
  const [cost, blockSize, parallelization] = [first, ...others].map(integer)
  const options = { cost, blockSize, parallelization, maxmem: mostScryptBytes }
  if (!isScrypt(options)) throw new LimitError('scrypt with parameters beyond 256 MiB')
  return { kdf: 'scrypt', password, salt: octets(salt), length, options }
}

function pbkdf2Of(parameters: Ber | undefined, password: Buffer) {
  const [salt, iterations, ...others] = sequence(parameters)
  const prf = others.find(({ tag }) => tag === tags.sequence)
  return {
    kdf: 'pbkdf2',
    password,
    salt: octets(salt),
    iterations: iterationsOf(iterations),
    digest: prf ? digestOf(oid(sequence(prf)[0])) : 'sha1',
    /** The length of the key, if the parameters contain it. */
    said: others.find(({ tag }) => tag === tags.integer),
  } as const
}

/** PBMAC1 (RFC 9579 §4): PBKDF2 again. It must give the length of the key, since an HMAC key may have any length. */
export function pbmac1Derivation(algorithm: Ber | undefined, password: Buffer): Derivation {
  const [type, parameters] = sequence(algorithm)
  if (oid(type) !== pbkdf2) throw unsupported(`the key derivation ${oid(type)}`)
  const { said, ...derivation } = pbkdf2Of(parameters, password)
  const length = integer(said)
  if (length < shortestMacKey || length > longestMacKey) {
    const limits = `from ${shortestMacKey} to ${longestMacKey} are accepted`
    throw new LimitError(`a key of ${length} bytes for its MAC (${limits})`)
  }
  return { ...derivation, length }
}

function isScrypt({ cost = 0, blockSize = 0, parallelization = 0 }): boolean {
  const isPower = cost > 1 && Number.isInteger(Math.log2(cost))
  return (
    isPower &&
    blockSize > 0 &&
    parallelization > 0 &&
    256 * cost * blockSize * parallelization <= mostScryptBytes
  )
}

/** Each cipher here has one key length; another length would mean another cipher. */
function lengthOf(said: Ber, length: number): number {
  if (integer(said) === length) return length
  throw new FormatError('a key of another length than its cipher has')
}

/** Hashes and HMACs (RFC 8018 appendix B.1, RFC 5754, NIST), with OpenSSL's name of the hash. */
const digests: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '1.2.840.113549.2.5': 'md5',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.5': 'sha512-224',
  '2.16.840.1.101.3.4.2.6': 'sha512-256',
  '1.2.840.113549.2.6': 'md5',
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
  '1.2.840.113549.2.12': 'sha512-224',
  '1.2.840.113549.2.13': 'sha512-256',
}

export function digestOf(name: string): string {
  const digest = digests[name]
  if (digest && getHashes().includes(digest)) return digest
  throw unsupported(`the hash ${digest ?? name}`)
}

export function iterationsOf(value: Ber | undefined): number {
  const iterations = integer(value)
  if (iterations > 0 && iterations <= mostIterations) return iterations
  throw new LimitError(`${iterations} iterations (from 1 to ${mostIterations} are accepted)`)
}

export function unsupported(what: string): TlsError {
  return new TlsError(
    'ENCRYPTION_UNSUPPORTED',
    `What was given is encrypted by ${what}, which cannot be read here.`,
  )
}

function byOpenssl(name: string): OldCipher['decrypt'] {
  return (key, iv, encrypted) => {
    try {
      const decipher = createDecipheriv(name, key, iv)
      return Buffer.concat([decipher.update(encrypted), decipher.final()])
    } catch {
      throw new DecryptionError('what was decrypted has no padding')
    }
  }
}

interface Forge {
  readonly util: { createBuffer(bytes: string): object }
  readonly rc2: {
    createDecryptionCipher(
      key: string,
      bits: number,
    ): {
      start(iv: string): void
      update(input: object): void
      finish(): boolean
      output: { getBytes(): string }
    }
  }
}

/** OpenSSL 3 has moved RC2 to its legacy provider. Older versions of Java and Windows encrypt certificates with it. */
function byForge(key: Buffer, iv: Buffer, encrypted: Buffer): Buffer {
  const { rc2, util } = loadPeer<Forge>('node-forge', 'a PKCS #12 store that is encrypted by RC2')
  const cipher = rc2.createDecryptionCipher(key.toString('latin1'), key.length * 8)
  cipher.start(iv.toString('latin1'))
  cipher.update(util.createBuffer(encrypted.toString('latin1')))
  if (!cipher.finish()) throw new DecryptionError('what was decrypted has no padding')
  return Buffer.from(cipher.output.getBytes(), 'latin1')
}
