import { X509Certificate } from 'node:crypto'
import { TlsError } from '../../errors.js'
import { bytesOf, nameOf, type Snapshot, type Source } from './source.js'

/** A certificate and where it was read from. */
export interface Loaded {
  readonly x509: X509Certificate
  readonly file: string | undefined
}

// RFC 7468 §3: explanatory text may stand around the blocks, so only the blocks count.
const block = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g
const certificateLabels = ['CERTIFICATE', 'X509 CERTIFICATE']
const derSequence = 0x30

/** The PEM blocks with one of `labels`, in the order of the file. */
export function pemBlocks(bytes: Buffer, labels: readonly string[]): string[] {
  return Array.from(bytes.toString('latin1').matchAll(block))
    .filter(([, label = '']) => labels.includes(label))
    .map(([text]) => text)
}

/** All certificates of a source: PEM, one or many, among anything else; or one in DER. */
export function readCertificates(source: Source, snapshot: Snapshot): Loaded[] {
  const bytes = bytesOf(source, snapshot)
  const blocks: (string | Buffer)[] = pemBlocks(bytes, certificateLabels)
  if (blocks.length === 0 && bytes[0] === derSequence) blocks.push(bytes)
  if (blocks.length === 0) {
    const problem = `There is no certificate in ${nameOf(source)}${hint(bytes)}.`
    throw new TlsError('CERTIFICATE_MISSING', problem, { file: source.file })
  }
  return blocks.map((each, index) => ({ x509: parse(each, index, source), file: source.file }))
}

/** Parses one certificate in PEM or DER. */
function parse(block: string | Buffer, index: number, source: Source): X509Certificate {
  try {
    return new X509Certificate(block)
  } catch (cause) {
    const problem = `Certificate ${index + 1} in ${nameOf(source)} can not be parsed.`
    throw new TlsError('CERTIFICATE_INVALID', problem, { file: source.file, cause })
  }
}

/** Says what the bytes seem to be, where that helps. */
function hint(bytes: Buffer): string {
  const labels = Array.from(bytes.toString('latin1').matchAll(block), ([, label]) => label)
  if (labels.length > 0) return `, only ${[...new Set(labels)].join(' and ')}`
  if (bytes.length === 0) return ', it is empty'
  return isJks(bytes) ? ": it is a JKS store, which goes into the option as { jks: '…', passphrase }" : ''
}

/** The magic number of a Java KeyStore. */
export function isJks(bytes: Buffer): boolean {
  return bytes.length >= 4 && bytes.readUInt32BE(0) === 0xfeedfeed
}
