import { X509Certificate } from 'node:crypto'
import { TlsError } from '../../errors.js'
import { pemBlocks } from './pem-blocks.js'
import { bytesOf, nameOf, type Snapshot, type Source } from './source.js'

/** A certificate and where it was read from. */
export interface Loaded {
  readonly x509: X509Certificate
  readonly file: string | undefined
}

const certificateLabels = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE']
const derSequence = 0x30

/** All certificates of a source: PEM, one or many, among anything else; or one in DER. */
export function readCertificates(source: Source, snapshot: Snapshot): Loaded[] {
  const bytes = bytesOf(source, snapshot)
  const blocks: (string | Buffer)[] = pemBlocks(bytes, certificateLabels).map(({ text }) => text)
  if (blocks.length === 0 && bytes[0] === derSequence) blocks.push(bytes)
  if (blocks.length === 0) {
    const problem = `There is no certificate in ${nameOf(source)}${hintAt(bytes)}.`
    throw new TlsError('CERTIFICATE_MISSING', problem, { file: source.file })
  }
  return blocks.map((each, index) => ({ x509: parse(each, index, source), file: source.file }))
}

/** Parses one certificate in PEM or DER. */
function parse(block: string | Buffer, index: number, source: Source): X509Certificate {
  try {
    return new X509Certificate(block)
  } catch (cause) {
    const hint = hintAt(typeof block === 'string' ? Buffer.from(block, 'latin1') : block, certificateLabels)
    const problem = `Certificate ${index + 1} in ${nameOf(source)} can not be parsed${hint}.`
    throw new TlsError('CERTIFICATE_INVALID', problem, { file: source.file, cause })
  }
}

/** Says what the bytes seem to be, where that helps; looked at only once something is wrong. */
export function hintAt(bytes: Buffer, wanted?: readonly string[]): string {
  return (require('./hint.js') as typeof import('./hint.js')).hintAt(bytes, wanted)
}
