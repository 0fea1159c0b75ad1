import { integer, oid, readBer, sequence } from './ber.js'

/** A kind of Java store, recognized by its first bytes. PKCS #12 is a SEQUENCE that begins with its version. */
interface StoreKind {
  readonly name: string
  readonly is: (bytes: Buffer) => boolean
}

const startsWith =
  (...marks: readonly number[]) =>
  (bytes: Buffer) =>
    bytes.length >= 12 && marks.includes(bytes.readUInt32BE(0))

/** Kinds that we recognize but do not read. The first match decides. */
const unread: readonly (StoreKind & { readonly provider?: string })[] = [
  { name: 'JCEKS', is: startsWith(0xcececece) },
  // A version, then a salt of 20 bytes: BouncyCastle's BKS and UBER differ in what follows the number of iterations.
  { name: 'BKS', provider: 'BouncyCastle', is: (bytes) => hasSalt(bytes) && !isUber(bytes) },
  { name: 'UBER', provider: 'BouncyCastle', is: (bytes) => hasSalt(bytes) && isUber(bytes) },
  { name: 'BCFKS', provider: 'BouncyCastle', is: isBcfks },
]

/** The magic number of a Java KeyStore. */
export function isJks(bytes: Buffer): boolean {
  return bytes.length >= 4 && bytes.readUInt32BE(0) === 0xfeedfeed
}

/** Whether it is PKCS #12: a SEQUENCE of the version 3 and a PKCS #7 value. */
export function isPkcs12(bytes: Buffer): boolean {
  try {
    const [version, content] = sequence(readBer(bytes))
    return integer(version) === 3 && oid(sequence(content)[0]).startsWith('1.2.840.113549.1.7.')
  } catch {
    return false
  }
}

/** Whether it is a store that can be recognized by its first bytes; PKCS #12 is not one of them. */
export function isStore(bytes: Buffer): boolean {
  return isJks(bytes) || unread.some(({ is }) => is(bytes))
}

/** Names a store that we do not read, and the command that converts it. */
export function unreadStore(bytes: Buffer): string | undefined {
  const kind = unread.find(({ is }) => is(bytes))
  return kind && conversion(kind.name, kind.provider)
}

function conversion(name: string, provider?: string): string {
  const from = `keytool -importkeystore -srckeystore FILE -srcstoretype ${name} -destkeystore NEW.p12 -deststoretype PKCS12`
  const needs =
    provider === undefined
      ? ''
      : ' -providerclass org.bouncycastle.jce.provider.BouncyCastleProvider -providerpath bcprov.jar'
  return `a ${name} store, which is not read here; convert it: ${from}${needs}`
}

function hasSalt(bytes: Buffer): boolean {
  const version = bytes.length >= 40 ? bytes.readUInt32BE(0) : 0
  return (version === 1 || version === 2) && bytes.readUInt32BE(4) === 20 && iterations(bytes) < 0x10000
}

/** UBER encrypts everything that follows. BKS continues with the type of its first entry, or ends with its HMAC. */
function isUber(bytes: Buffer): boolean {
  return bytes.length > 52 && (bytes[32] as number) > 4
}

/** Content encrypted with PBES2, and an integrity check: BouncyCastle calls this ObjectStore. */
function isBcfks(bytes: Buffer): boolean {
  try {
    const [contents, check] = sequence(readBer(bytes))
    return check !== undefined && oid(sequence(sequence(contents)[0])[0]) === '1.2.840.113549.1.5.13'
  } catch {
    return false
  }
}

function iterations(bytes: Buffer): number {
  return bytes.readUInt32BE(28)
}
