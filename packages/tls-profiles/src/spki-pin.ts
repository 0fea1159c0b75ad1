import { readCertificates } from './lib/pem.js'
import { pinOf } from './lib/pins.js'
import { type MaterialInput, readSnapshotSync, sourceOf } from './lib/source.js'

/**
 * The pin of a certificate's public key, for `pins`: `sha256/` and base64. Takes a path, PEM text or bytes; of
 * several certificates the first counts. Throws a TlsError: FILE_MISSING, CERTIFICATE_MISSING, ….
 */
export function spkiPin(certificate: MaterialInput): string {
  const source = sourceOf('certificate', certificate)
  const snapshot = readSnapshotSync(source.file === undefined ? [] : [source.file])
  const [first] = readCertificates(source, snapshot)
  return first ? `sha256/${pinOf(first.x509)}` : ''
}
