import { X509Certificate } from 'node:crypto'
import { TlsError } from '../../errors.js'
import { pemBlocks } from './pem-blocks.js'
import { bytesOf, nameOf, type Snapshot, type Source } from './source.js'

/** A certificate and the file that it was read from. */
export interface Loaded {
  readonly x509: X509Certificate
  readonly file: string | undefined
  /** The PEM for OpenSSL, if it also says for what the certificate is trusted and for what it is rejected. */
  readonly withTrust?: string | undefined
}

const trustedLabel = 'TRUSTED CERTIFICATE'
const certificateLabels = ['CERTIFICATE', 'X509 CERTIFICATE', trustedLabel]
const derSequence = 0x30

/**
 * Reads all certificates of a source: one or many in PEM, also among other text; or in DER, one after another. Errors:
 * CERTIFICATE_MISSING, CERTIFICATE_INVALID.
 */
export function readCertificates(source: Source, snapshot: Snapshot): Loaded[] {
  const bytes = bytesOf(source, snapshot)
  const { file } = source
  const blocks = pemBlocks(bytes, certificateLabels)
  if (blocks.length > 0) {
    return blocks.map(({ label, text }, index) => {
      return { x509: parse(text, index, source), file, withTrust: label === trustedLabel ? text : undefined }
    })
  }
  if (bytes[0] === derSequence)
    return derValues(bytes).map((each, index) => ({ x509: parse(each, index, source), file }))
  const problem = `There is no certificate in ${nameOf(source)}${hintAt(bytes)}.`
  throw new TlsError('CERTIFICATE_MISSING', problem, { file })
}

/**
 * Splits DER values. OpenSSL would read the first one and ignore the others. Bytes that cannot be read become the last
 * value.
 */
function derValues(bytes: Buffer): Buffer[] {
  const { readBer } = require('./ber.js') as typeof import('./ber.js')
  const values: Buffer[] = []
  let rest = bytes
  try {
    while (rest[0] === derSequence) {
      const { whole } = readBer(rest)
      values.push(whole)
      rest = rest.subarray(whole.length)
    }
    return values
  } catch {
    return [...values, rest]
  }
}

/** Parses one certificate in PEM or DER. */
function parse(block: string | Buffer, index: number, source: Source): X509Certificate {
  try {
    return new X509Certificate(block)
  } catch (cause) {
    const hint = hintAt(Buffer.from(block as string), certificateLabels)
    const problem = `Certificate ${index + 1} in ${nameOf(source)} cannot be parsed${hint}.`
    throw new TlsError('CERTIFICATE_INVALID', problem, { file: source.file, cause })
  }
}

/** Says what the bytes seem to be, if that helps. It is called only after an error. */
export function hintAt(bytes: Buffer, wanted?: readonly string[]): string {
  return (require('./hint.js') as typeof import('./hint.js')).hintAt(bytes, wanted)
}
