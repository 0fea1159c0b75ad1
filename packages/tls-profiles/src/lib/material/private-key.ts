import { createPrivateKey, getCiphers, type KeyObject, type PrivateKeyInput } from 'node:crypto'
import { TlsError } from '../../errors.js'
import type { Deriving } from './derive.js'
import { DecryptionError, LimitError } from './format-error.js'
import { hintAt } from './pem.js'
import { type PemBlock, pemBlocks } from './pem-blocks.js'
import { nameOf, type Source } from './source.js'

const encryptedLabel = 'ENCRYPTED PRIVATE KEY'
/** The labels that OpenSSL reads as a key. */
const keyLabels = ['PRIVATE KEY', encryptedLabel, 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'DSA PRIVATE KEY']
/** RFC 1421 §4.6.1.3: how OpenSSL marked an encrypted key before PKCS #8. */
const oldEncryption = /^DEK-Info: ([A-Za-z0-9-]{1,40}),/m
const derSequence = 0x30

/** The limit: a file with the keys of all services may have some. Decrypting each one takes time. */
const mostKeys = 20

/** The private keys in a source. */
export interface ReadKeys {
  readonly keys: readonly KeyObject[]
  /** Why another key could not be read; it may be the right one. */
  readonly unread: TlsError | undefined
}

/**
 * Reads private keys, encrypted or not: PEM, one or several; or one of PKCS #8, PKCS #1 or SEC 1 in DER. Errors, in our
 * own words, if it can read no key: KEY_MISSING, KEY_INVALID, PASSPHRASE_MISSING, PASSPHRASE_WRONG, ENCRYPTION_UNSUPPORTED.
 */
export function* readPrivateKeys(
  bytes: Buffer,
  source: Source,
  passphrase: string | undefined,
): Deriving<ReadKeys> {
  const blocks = pemBlocks(bytes, keyLabels)
  if (blocks.length > mostKeys) {
    const problem = `There are ${blocks.length} private keys in ${nameOf(source)}; ${mostKeys} are the limit.`
    throw new TlsError('KEY_INVALID', problem, { file: source.file })
  }
  const keys: KeyObject[] = []
  let unread: TlsError | undefined
  for (const block of blocks.length > 0 ? blocks : [undefined]) {
    try {
      keys.push(yield* block ? keyInBlock(block, passphrase) : keyInDer(bytes, passphrase))
    } catch (cause) {
      unread ??= keyError(cause, block, bytes, source)
    }
  }
  if (keys.length === 0 && unread) throw unread
  return { keys, unread }
}

function* keyInBlock(block: PemBlock, passphrase: string | undefined): Deriving<KeyObject> {
  if (block.label === encryptedLabel) return yield* decryptedKey(derOf(block), passphrase)
  return keyInPem(block.text, passphrase)
}

function keyInPem(text: string, passphrase: string | undefined): KeyObject {
  const cipher = oldEncryption.exec(text)?.[1]
  if (cipher === undefined) return createPrivateKey(text)
  if (!getCiphers().includes(cipher.toLowerCase())) throw new TlsError('ENCRYPTION_UNSUPPORTED')
  if (passphrase === undefined) throw new TlsError('PASSPHRASE_MISSING')
  return opened({ key: text, passphrase })
}

/** DER does not say which form the key has, so all are tried. */
function* keyInDer(key: Buffer, passphrase: string | undefined): Deriving<KeyObject> {
  if (key[0] !== derSequence) throw new TlsError('KEY_MISSING')
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    try {
      return createPrivateKey({ key, format: 'der', type })
    } catch {}
  }
  return yield* decryptedKey(key, passphrase)
}

/**
 * EncryptedPrivateKeyInfo (RFC 5958 §3). OpenSSL may know an algorithm that our table lacks, for example with its
 * legacy provider.
 */
function* decryptedKey(der: Buffer, passphrase: string | undefined): Deriving<KeyObject> {
  const { octets, readBer, sequence } = require('./ber.js') as typeof import('./ber.js')
  const { decrypting, encryptionOf, passphraseFrom } = require('./pbe.js') as typeof import('./pbe.js')
  const [algorithm, data] = sequence(readBer(der))
  const encrypted = octets(data)
  if (passphrase === undefined) throw new TlsError('PASSPHRASE_MISSING')
  try {
    const encryption = encryptionOf(algorithm, passphraseFrom(passphrase))
    return opened({ key: yield* decrypting(encryption, encrypted), format: 'der', type: 'pkcs8' })
  } catch (error) {
    if (!(error instanceof TlsError)) throw error
    return nativelyOpened(der, passphrase, error)
  }
}

function nativelyOpened(key: Buffer, passphrase: string, otherwise: TlsError): KeyObject {
  try {
    return createPrivateKey({ key, format: 'der', type: 'pkcs8', passphrase })
  } catch {
    throw otherwise
  }
}

/** With a wrong passphrase, the padding of one in 256 is right, and the result is not a key. */
function opened(key: PrivateKeyInput): KeyObject {
  try {
    return createPrivateKey(key)
  } catch (cause) {
    throw new DecryptionError('what was decrypted is not a key', { cause })
  }
}

function derOf({ text }: PemBlock): Buffer {
  return Buffer.from(text.replace(/-----[^-]*-----/g, ''), 'base64')
}

function keyError(cause: unknown, block: PemBlock | undefined, bytes: Buffer, source: Source): TlsError {
  const [name, details] = [nameOf(source), { file: source.file, cause }]
  if (cause instanceof DecryptionError) {
    return new TlsError('PASSPHRASE_WRONG', `The passphrase does not open the key in ${name}.`, details)
  }
  if (cause instanceof LimitError) {
    const problem = `The private key in ${name} is encrypted by ${cause.message}, which cannot be read here.`
    return new TlsError('ENCRYPTION_UNSUPPORTED', problem, details)
  }
  const code = cause instanceof TlsError ? cause.code : undefined
  const at = { file: source.file }
  switch (code) {
    case 'PASSPHRASE_MISSING':
      return new TlsError(code, `The private key in ${name} is encrypted.`, at)
    case 'ENCRYPTION_UNSUPPORTED':
      return new TlsError(
        code,
        `The private key in ${name} is encrypted in a way that is not supported here.`,
        details,
      )
    case 'KEY_MISSING':
      return new TlsError(code, `There is no private key in ${name}${hintAt(bytes)}.`, at)
    default: {
      const hint = hintAt(block ? Buffer.from(block.text) : bytes, keyLabels)
      return new TlsError('KEY_INVALID', `The private key in ${name} cannot be parsed${hint}.`, details)
    }
  }
}
