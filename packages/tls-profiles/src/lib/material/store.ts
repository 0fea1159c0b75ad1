import { X509Certificate } from 'node:crypto'
import { TlsError } from '../../errors.js'
import { quotable } from '../quotable.js'
import { tags } from './ber.js'
import type { Deriving } from './derive.js'
import { DecryptionError, FormatError, LimitError } from './format-error.js'
import { readJks } from './jks.js'
import { hintAt } from './pem.js'
import { readPkcs12 } from './pkcs12.js'
import { bytesOf, nameOf, type Snapshot, type Source, textOf } from './source.js'
import type { StoreContents, StoredKey, StoreRequest } from './store-contents.js'
import { isJks, isPkcs12, unreadStore } from './store-kinds.js'

/** A file with several entries, protected by a password. */
export interface StoreSource {
  readonly source: Source
  readonly passphrase: Source | undefined
  readonly keyPassphrase?: Source | undefined
  readonly alias?: string | undefined
}

/** The certificates of a trust store. */
export function* trustedIn(store: StoreSource, snapshot: Snapshot): Deriving<X509Certificate[]> {
  const request = requestOf(store, snapshot, false)
  try {
    return parsed(yield* open(bytesOf(store.source, snapshot), request))
  } catch (cause) {
    throw storeError(store, request, snapshot, cause)
  }
}

/**
 * The chosen key (by alias, or because it is the only one), and all certificates. Errors: STORE_INVALID,
 * STORE_ENTRY_MISSING, PASSPHRASE_MISSING, PASSPHRASE_WRONG, ENCRYPTION_UNSUPPORTED, PACKAGE_MISSING.
 */
export function* identityIn(
  store: StoreSource,
  snapshot: Snapshot,
): Deriving<{ pkcs8: Buffer; certificates: X509Certificate[] }> {
  const request = requestOf(store, snapshot, true)
  try {
    const contents = yield* open(bytesOf(store.source, snapshot), request)
    const pkcs8 = yield* chosenKey(store, contents).pkcs8()
    return { pkcs8, certificates: parsed(contents) }
  } catch (cause) {
    throw storeError(store, request, snapshot, cause)
  }
}

function requestOf(store: StoreSource, snapshot: Snapshot, wantsKey: boolean): StoreRequest {
  return {
    passphrase: textOf(store.passphrase, snapshot),
    keyPassphrase: textOf(store.keyPassphrase, snapshot),
    alias: store.alias,
    wantsKey,
  }
}

/** The bytes decide the format, not the file's name: since Java 9 a `.jks` file from keytool is PKCS #12. */
function open(bytes: Buffer, request: StoreRequest): Deriving<StoreContents> {
  return isJks(bytes) ? readJks(bytes, request) : readPkcs12(bytes, request)
}

function parsed({ certificates }: StoreContents): X509Certificate[] {
  return certificates.map(({ der }) => new X509Certificate(der))
}

function chosenKey({ alias, source }: StoreSource, { keys }: StoreContents): StoredKey {
  const file = source.file
  // Java ignores upper and lower case in aliases.
  const named = keys.filter((key) => alias === undefined || key.alias.toLowerCase() === alias.toLowerCase())
  // Other kinds of stores do not, so an exact match comes first.
  const exact = named.filter((key) => key.alias === alias)
  const found = exact.length > 0 ? exact : named
  const [key, another] = found
  if (!key) {
    const which = alias === undefined ? 'no private key' : `no private key with the alias ${alias}`
    throw new TlsError('STORE_ENTRY_MISSING', `There is ${which} in ${nameOf(source)}.`, { file })
  }
  if (another) {
    const names = quotable(found.map((each) => each.alias).join(', '))
    const problem = `There are ${found.length} private keys in ${nameOf(source)}: ${names}.`
    throw new TlsError('STORE_ENTRY_MISSING', problem, { file })
  }
  return key
}

function storeError(
  { source }: StoreSource,
  request: StoreRequest,
  snapshot: Snapshot,
  cause: unknown,
): TlsError {
  const [name, details] = [nameOf(source), { file: source.file, cause }]
  if (cause instanceof TlsError) return cause.file === undefined ? withFile(cause, source.file) : cause
  if (cause instanceof DecryptionError) {
    return request.passphrase === undefined
      ? new TlsError('PASSPHRASE_MISSING', `The store ${name} is encrypted.`, details)
      : new TlsError('PASSPHRASE_WRONG', `The passphrase does not open ${name}.`, details)
  }
  if (cause instanceof LimitError) {
    const problem = `The store ${name} is encrypted by ${cause.message}, which cannot be read here.`
    return new TlsError('ENCRYPTION_UNSUPPORTED', problem, details)
  }
  const bytes = bytesOf(source, snapshot)
  const kind = unreadStore(bytes)
  const problem =
    kind === undefined ? `cannot be parsed as PKCS #12 or JKS${whyNot(bytes, cause)}` : `is ${kind}`
  return new TlsError('STORE_INVALID', `The store ${name} ${problem}.`, details)
}

/** Says what the file is instead; or, if it is a store or begins like one, what is wrong with it. */
function whyNot(bytes: Buffer, cause: unknown): string {
  const isOne = isPkcs12(bytes) || isJks(bytes)
  const hint = isOne ? '' : hintAt(bytes)
  const mayBeOne = isOne || bytes[0] === tags.sequence
  return hint === '' && mayBeOne && cause instanceof FormatError ? `: ${cause.message}` : hint
}

/** The same error, with the name of this file. */
function withFile(error: TlsError, file: string | undefined): TlsError {
  if (file === undefined) return error
  const problem = error.message.slice(0, -error.remedy.length).trim()
  return new TlsError(error.code, `${problem} The store is ${file}.`, { file, cause: error.cause })
}
