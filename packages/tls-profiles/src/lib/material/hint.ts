import { X509Certificate } from 'node:crypto'
import { oid, readBer, sequence } from './ber.js'
import { decodeBase64 } from './given-text.js'
import { pemBlocks } from './pem-blocks.js'
import { isJks, isPkcs12, unreadStore } from './store-kinds.js'

const longestHint = 4

/** Says what is wrong with bytes that are not the `wanted` PEM: the end of a sentence, or nothing. */
export function hintAt(bytes: Buffer, wanted: readonly string[] = []): string {
  const problem = problemOf(bytes, wanted)
  return problem === undefined ? '' : `: ${problem}`
}

function problemOf(bytes: Buffer, wanted: readonly string[]): string | undefined {
  if (bytes.length === 0) return 'it is empty'
  if (isUtf16(bytes)) return 'it is in UTF-16; save it as UTF-8 or ASCII'
  if (isJks(bytes)) return "it is a JKS store, which goes into the option as { jks: '…', passphrase }"
  const store = unreadStore(bytes)
  if (store !== undefined) return `it is ${store}`
  const der = derProblem(bytes)
  if (der !== undefined) return der
  const text = bytes.toString('latin1')
  if (/-----BEGIN [^\r\n-]{1,64}-----\s{0,9}\\r?\\?n/.test(text)) {
    return "its line ends are written as the two characters \\ and n; make line ends of them (in JavaScript: .replaceAll('\\\\n', '\\n'))"
  }
  const blocks = pemBlocks(bytes)
  if (blocks.some((block) => !/[\r\n]/.test(block.text))) {
    return 'all of its PEM is on one line; the BEGIN and END lines must stand on lines of their own'
  }
  if (/^\s{0,99}[{[]/.test(text)) return 'it seems to be JSON; PEM is needed'
  if (blocks.length === 0 && text.includes('-----BEGIN '))
    return 'its PEM has no END line; it may be cut short'
  if (blocks.length === 0 && decodeBase64(text))
    return 'it is base64 of the file that is needed; decode it (base64 -d)'
  if (blocks.length > 0)
    return labelsIn(blocks.map(({ label }) => label).filter((label) => !wanted.includes(label)))
  return bytes.length < 4096 && !text.trim().includes('\n')
    ? 'it is neither PEM nor the path of a file that exists'
    : undefined
}

/** Recognizes valid files that are given in the wrong place. */
function derProblem(bytes: Buffer): string | undefined {
  if (bytes[0] !== 0x30) return undefined
  if (isPkcs12(bytes))
    return "it is a PKCS #12 store, which goes into the option pfx, or as a trust store into ca as { pfx: '…', passphrase }"
  if (reads(() => new X509Certificate(bytes) !== undefined)) return 'it is a certificate'
  if (reads(() => oid(sequence(readBer(bytes))[0]) === '1.2.840.113549.1.7.2')) {
    return 'it is PKCS #7; openssl pkcs7 -inform DER -print_certs -in FILE writes PEM'
  }
  // RFC 5280 §5.1: a list has signature algorithm, issuer and time. A certificate has its serial number first.
  if (reads(() => isCrl(bytes))) return 'it is a revocation list in DER'
  return undefined
}

function isCrl(bytes: Buffer): boolean {
  const [list, algorithm, signature] = sequence(readBer(bytes))
  const fields = sequence(list)
  const first = fields[0]?.tag === 0x02 ? 1 : 0
  const time = fields[first + 2]?.tag
  return (
    signature !== undefined &&
    (time === 0x17 || time === 0x18) &&
    oid(sequence(algorithm)[0]) === oid(sequence(fields[first])[0])
  )
}

function reads(is: () => boolean): boolean {
  try {
    return is()
  } catch {
    return false
  }
}

/** Names the labels that were not wanted. */
function labelsIn(labels: readonly string[]): string | undefined {
  const all = [...new Set(labels)]
  if (all.includes('PKCS7') || all.includes('CMS')) {
    return 'it is PKCS #7; openssl pkcs7 -print_certs -in FILE writes PEM'
  }
  const shown = all.filter((label) => /^[A-Z0-9 ]+$/.test(label)).slice(0, longestHint)
  return shown.length > 0 ? `its PEM has nothing but ${shown.join(' and ')}` : undefined
}

/** With or without a byte order mark. In UTF-16, ASCII has zero in every second byte. */
function isUtf16(bytes: Buffer): boolean {
  const start = bytes.subarray(0, 64)
  if (start.length >= 2 && (start.readUInt16BE(0) === 0xfeff || start.readUInt16BE(0) === 0xfffe)) return true
  const zeros = (offset: number) =>
    start.length >= 8 && start.every((byte, index) => index % 2 !== offset || byte === 0)
  return zeros(0) || zeros(1)
}
