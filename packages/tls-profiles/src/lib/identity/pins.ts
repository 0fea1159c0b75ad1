import { createHash, X509Certificate } from 'node:crypto'
import type { DetailedPeerCertificate } from 'node:tls'
import { summarizeDer } from '../../certificate.js'
import { TlsError } from '../../errors.js'
import { type Ber, readBer, sequence } from '../material/ber.js'
import { isSignedBy } from '../material/validity.js'
import { chainOf } from './peer-chain.js'

const remembered = 64
const explicitVersion = 0xa0

/** Checks pins and brings them into one form: base64 of the SHA-256 of a SubjectPublicKeyInfo (RFC 7469 §2.4). */
export function pinsOf(pins: readonly string[] | undefined): readonly string[] {
  if (pins === undefined) return []
  return pins.map((pin) => {
    const text = pin.trim().replace(/^sha256\//, '')
    return digestOf(text).toString('base64')
  })
}

/** The text must be one digest: what Node.js would ignore at its end could be a second pin. */
function digestOf(text: string): Buffer {
  if (/^([0-9a-f]{2}:?){32}$/i.test(text)) return Buffer.from(text.replaceAll(':', ''), 'hex')
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return Buffer.from(text, 'base64')
  throw new TlsError('PIN_INVALID')
}

/**
 * The pin of a certificate's public key. It is computed over the bytes in the certificate (RFC 7469 §2.4), so a key of
 * a kind that OpenSSL does not know has a pin too.
 */
export function pinOf({ raw }: X509Certificate): string {
  // RFC 5280 §4.1: TBSCertificate { [0] version, serial number, signature, issuer, validity, subject, subjectPublicKeyInfo, … }.
  const fields = sequence(sequence(readBer(raw))[0]).filter(({ tag }) => tag !== explicitVersion)
  const { whole } = fields[5] as Ber
  return createHash('sha256').update(whole).digest('base64')
}

/**
 * Makes the check of one chain: it must contain a pinned key. Node.js links a certificate to its issuer by name only,
 * so the signatures are verified here before an issuer's key counts. The last results are kept, because every
 * connection shows the same few chains.
 */
export function pinCheck(pins: readonly string[]): (peer: DetailedPeerCertificate) => TlsError | undefined {
  if (pins.length === 0) return () => undefined
  const verdicts = new Map<string, boolean>()
  return (peer) => {
    const chain = chainOf(peer)
    const id = chain.map(({ fingerprint256 }) => fingerprint256).join()
    const known = verdicts.get(id)
    const pinned = known ?? hasPinnedKey(chain, pins)
    if (known === undefined) {
      if (verdicts.size >= remembered) verdicts.clear()
      verdicts.set(id, pinned)
    }
    return pinned
      ? undefined
      : new TlsError('PIN_MISMATCH', undefined, { certificate: summarizeDer(peer.raw) })
  }
}

function hasPinnedKey(chain: readonly DetailedPeerCertificate[], pins: readonly string[]): boolean {
  let child: X509Certificate | undefined
  for (const { raw } of chain) {
    const certificate = new X509Certificate(raw)
    if (child && !isSignedBy(child, certificate)) return false
    if (pins.includes(pinOf(certificate))) return true
    child = certificate
  }
  return false
}
