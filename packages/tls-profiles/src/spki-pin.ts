import type { Loaded } from './lib/material/pem.js'
import type { MaterialInput } from './lib/material/source.js'

/**
 * Returns the pin of a certificate's public key, for the option `pins`: `sha256/` and base64. Takes a path, PEM text or
 * bytes; if there are several certificates, it uses the first. Throws a TlsError: FILE_MISSING, FILE_UNREADABLE,
 * FILE_TOO_LARGE, CERTIFICATE_MISSING, CERTIFICATE_INVALID.
 */
export function spkiPin(certificate: MaterialInput): string {
  const { readSnapshotSync, sourceOf } =
    require('./lib/material/source.js') as typeof import('./lib/material/source.js')
  const { readCertificates } = require('./lib/material/pem.js') as typeof import('./lib/material/pem.js')
  const { pinOf } = require('./lib/identity/pins.js') as typeof import('./lib/identity/pins.js')
  const source = sourceOf('certificate', certificate)
  const snapshot = readSnapshotSync(source.file === undefined ? [] : [source.file])
  const [first] = readCertificates(source, snapshot) as [Loaded, ...Loaded[]]
  return `sha256/${pinOf(first.x509)}`
}
