import { createHash } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import { TlsError } from '../../errors.js'

/** SHA-256 of the roots that Amazon Trust Services lists: Amazon Root CA 1 to 4, Starfield Services Root CA G2. */
const digests = [
  '8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e',
  '1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4',
  '18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4',
  'e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092',
  '568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5',
]
/**
 * Compares digests, because a subject can be imitated. Hashing all roots of Node.js takes 3 ms; parsing them takes many
 * times as long.
 */
export function amazonRoots(): string[] {
  const found = rootCertificates.filter((pem) => digests.includes(sha256(pem)))
  if (found.length > 0) return found
  throw new TlsError('ROOTS_MISSING', "This Node.js does not have Amazon's root certificates.")
}

function sha256(pem: string): string {
  const der = Buffer.from(pem.replace(/-----[A-Z ]+-----/g, ''), 'base64')
  return createHash('sha256').update(der).digest('hex')
}
