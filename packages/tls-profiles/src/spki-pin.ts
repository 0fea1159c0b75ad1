import { type MaterialInput, readSnapshotSync, sourceOf } from './lib/source.js'

/**
 * The pin of a certificate's public key, for `pins`: `sha256/` and base64. Takes a path, PEM text or bytes; of
 * several certificates the first counts. Throws a TlsError: FILE_MISSING, CERTIFICATE_MISSING, ….
 */
export function spkiPin(certificate: MaterialInput): string {
  const { readCertificates } = require('./lib/pem.js') as typeof import('./lib/pem.js')
  const { pinOf } = require('./lib/pins.js') as typeof import('./lib/pins.js')
  const source = sourceOf('certificate', certificate)
  const snapshot = readSnapshotSync(source.file === undefined ? [] : [source.file])
  const [first] = readCertificates(source, snapshot)
  return first ? `sha256/${pinOf(first.x509)}` : ''
}
