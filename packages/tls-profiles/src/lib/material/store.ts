import { X509Certificate } from 'node:crypto'
import { TlsError } from '../../errors.js'
import { readJks } from './jks.js'
import { isJks } from './pem.js'
import { readPkcs12 } from './pkcs12.js'
import { bytesOf, nameOf, type Snapshot, type Source } from './source.js'

/** A file with several entries behind a password. */
export interface StoreSource {
  readonly source: Source
  readonly passphrase: string | undefined
  readonly keyPassphrase?: string | undefined
  readonly alias?: string | undefined
}

/** What a store holds, whatever its format. */
export interface StoreContents {
  readonly certificates: readonly StoredCertificate[]
  readonly keys: readonly StoredKey[]
}
export interface StoredCertificate {
  readonly der: Uint8Array
}
export interface StoredKey {
  readonly alias: string
  /** PKCS #8 PEM, decrypted when asked for: a store may hold keys that are not ours to open. */
  readonly pem: () => Buffer
}

/**
 * Opens a key store or trust store. The bytes decide about the format, not the file's name: since Java 9 a
 * `.jks` made by keytool is PKCS #12.
 */
export function openStore(store: StoreSource, snapshot: Snapshot): StoreContents {
  const bytes = bytesOf(store.source, snapshot)
  try {
    return isJks(bytes) ? readJks(bytes, store) : readPkcs12(bytes, store.passphrase)
  } catch (cause) {
    throw storeError(store, cause)
  }
}

/** The certificates of a store, parsed. */
export function storedCertificates(store: StoreSource, contents: StoreContents): X509Certificate[] {
  return contents.certificates.map(({ der }) => {
    try {
      return new X509Certificate(der)
    } catch (cause) {
      throw storeError(store, cause)
    }
  })
}

/** The one key that is meant: by alias, or the only one. */
export function storedKey(store: StoreSource, contents: StoreContents): Buffer {
  const { alias, source } = store
  const file = source.file
  // Java compares aliases without regard to case.
  const found = contents.keys.filter(
    (key) => alias === undefined || key.alias.toLowerCase() === alias.toLowerCase(),
  )
  const [key, another] = found
  if (!key) {
    const which = alias === undefined ? 'no private key' : `no private key with the alias ${alias}`
    throw new TlsError('STORE_ENTRY_MISSING', `There is ${which} in ${nameOf(source)}.`, { file })
  }
  if (another) {
    const problem = `There are ${found.length} private keys in ${nameOf(source)}: ${found.map((each) => each.alias).join(', ')}.`
    throw new TlsError('STORE_ENTRY_MISSING', problem, { file })
  }
  try {
    return key.pem()
  } catch (cause) {
    throw storeError(store, cause)
  }
}

// What node-forge and jks-js say when a password is wrong; neither has codes.
const wrongPassword =
  /(invalid|wrong) password|password verification failed|cannot recover key|failed to decrypt|could not be verified/i

function storeError({ source, passphrase }: StoreSource, cause: unknown): unknown {
  if (cause instanceof TlsError) return cause
  const details = { file: source.file, cause }
  if (!wrongPassword.test(String((cause as Error).message))) {
    const problem = `The store ${nameOf(source)} can not be parsed as PKCS #12 or JKS.`
    return new TlsError('STORE_INVALID', problem, details)
  }
  return passphrase === undefined
    ? new TlsError('PASSPHRASE_MISSING', `The store ${nameOf(source)} is encrypted.`, details)
    : new TlsError('PASSPHRASE_WRONG', `The passphrase does not open ${nameOf(source)}.`, details)
}
