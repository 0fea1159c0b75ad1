import { createHash, timingSafeEqual } from 'node:crypto'
import { octets, oid, readBer, sequence } from './ber.js'
import type { Deriving } from './derive.js'
import { DecryptionError, FormatError } from './format-error.js'
import { unsupported } from './pbe.js'
import type { StoreContents, StoredCertificate, StoredKey, StoreRequest } from './store-contents.js'

const magic = 0xfeedfeed
const versions = [1, 2]
const entryKinds = { key: 1, certificate: 2 }
const digestSize = 20
/** 16 MiB have room for a million empty ones. */
const mostEntries = 20_000
const longestChain = 100
const keyProtector = '1.3.6.1.4.1.42.2.17.1.1'

/**
 * Reads a Java KeyStore (`sun.security.provider.JavaKeyStore`; there is no specification of the format). Without a
 * passphrase its checksum is not compared: certificates can be read, but keys cannot.
 */
// biome-ignore lint/correctness/useYield: JKS hashes once, nothing slow has to be derived
export function* readJks(
  bytes: Buffer,
  { passphrase, keyPassphrase }: StoreRequest,
): Deriving<StoreContents> {
  const reader = new Reader(bytes)
  const [mark, version] = [reader.number(), reader.number()]
  if (mark !== magic || !versions.includes(version)) throw new FormatError('neither version 1 nor 2 of JKS')
  const keys: StoredKey[] = []
  const certificates: StoredCertificate[] = []
  for (let left = reader.number(); left > 0; left--) {
    if (keys.length + certificates.length > mostEntries)
      throw new FormatError('more entries than any store has')
    const kind = reader.number()
    const alias = reader.text()
    reader.take(8) // the creation time
    if (kind === entryKinds.certificate) certificates.push(certificateFrom(reader, version))
    else if (kind === entryKinds.key) {
      keys.push(keyFrom(alias, reader.bytes(), keyPassphrase ?? passphrase ?? ''))
      const chain = reader.number()
      if (chain > longestChain) throw new FormatError('a longer chain than any key has')
      for (let more = chain; more > 0; more--) certificates.push(certificateFrom(reader, version))
    } else throw new FormatError('an entry that is neither a key nor a certificate')
  }
  const contents = reader.before()
  compareChecksum(contents, reader.take(digestSize), passphrase)
  return { keys, certificates }
}

function compareChecksum(contents: Buffer, expected: Buffer, passphrase: string | undefined): void {
  if (passphrase === undefined) return
  // The format prescribes these words.
  const computed = sha1(utf16(passphrase), Buffer.from('Mighty Aphrodite'), contents)
  if (!timingSafeEqual(computed, expected)) throw new DecryptionError('the checksum is another one')
}

/** Version 2 has the type of the certificate (X.509) before it; the type is skipped. */
function certificateFrom(reader: Reader, version: number): StoredCertificate {
  if (version === 2) reader.text()
  return { der: reader.bytes() }
}

function keyFrom(alias: string, encrypted: Buffer, passphrase: string): StoredKey {
  return {
    alias,
    // biome-ignore lint/correctness/useYield: see readJks
    *pkcs8() {
      const [algorithm, data] = sequence(readBer(encrypted))
      const name = oid(sequence(algorithm)[0])
      if (name !== keyProtector) throw unsupported(`the algorithm ${name}`)
      return unprotect(octets(data), utf16(passphrase))
    },
  }
}

/** Sun's protection of keys: a salt, the key mixed with a stream of SHA-1 that begins with the salt, and a digest. */
function unprotect(data: Buffer, password: Buffer): Buffer {
  if (data.length <= 2 * digestSize) throw new FormatError('an encrypted key that is too short')
  const encrypted = data.subarray(digestSize, -digestSize)
  const plain = Buffer.alloc(encrypted.length)
  let stream = data.subarray(0, digestSize)
  for (let at = 0; at < encrypted.length; at++) {
    if (at % digestSize === 0) stream = sha1(password, stream)
    plain[at] = (encrypted[at] as number) ^ (stream[at % digestSize] as number)
  }
  if (timingSafeEqual(sha1(password, plain), data.subarray(-digestSize))) return plain
  throw new DecryptionError('the digest of the key is another one')
}

function utf16(passphrase: string): Buffer {
  return Buffer.from(passphrase, 'utf16le').swap16()
}

function sha1(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha1')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** Reads what java.io.DataOutput writes. */
class Reader {
  #at = 0
  readonly #all: Buffer

  constructor(all: Buffer) {
    this.#all = all
  }

  take(size: number): Buffer {
    const end = this.#at + size
    if (end > this.#all.length) throw new FormatError('cut short')
    const taken = this.#all.subarray(this.#at, end)
    this.#at = end
    return taken
  }

  number(): number {
    return this.take(4).readUInt32BE(0)
  }

  bytes(): Buffer {
    return this.take(this.number())
  }

  text(): string {
    return this.take(this.take(2).readUInt16BE(0)).toString('utf8')
  }

  /** All bytes that were read so far. */
  before(): Buffer {
    return this.#all.subarray(0, this.#at)
  }
}
