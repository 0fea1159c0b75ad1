import type { AsymmetricKeyDetails, X509Certificate } from 'node:crypto'
import { quotable } from '@x/auth-core/base'
import type { CertificateReport } from '../report.js'

/** RFC 3279, RFC 4055, RFC 5758, RFC 8410: the signature algorithms of certificates. */
const signatures: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.4': 'RSA with MD5',
  '1.2.840.113549.1.1.5': 'RSA with SHA-1',
  '1.2.840.113549.1.1.10': 'RSA-PSS',
  '1.2.840.113549.1.1.11': 'RSA with SHA-256',
  '1.2.840.113549.1.1.12': 'RSA with SHA-384',
  '1.2.840.113549.1.1.13': 'RSA with SHA-512',
  '1.2.840.10045.4.1': 'ECDSA with SHA-1',
  '1.2.840.10045.4.3.2': 'ECDSA with SHA-256',
  '1.2.840.10045.4.3.3': 'ECDSA with SHA-384',
  '1.2.840.10045.4.3.4': 'ECDSA with SHA-512',
  '1.3.101.112': 'Ed25519',
}

const dayMs = 86_400_000

/** The list of names of a large certificate is cut at this number. */
const maxNames = 20

/** What is worth saying about a certificate, in a form that is safe to print. */
export function certificateReport(certificate: X509Certificate, now: number): CertificateReport {
  const { subject, issuer, validFrom, validTo, fingerprint256 } = certificate
  const end = new Date(validTo).getTime()
  return {
    subject: oneLine(subject),
    issuer: oneLine(issuer),
    names: namesOf(certificate)
      .slice(0, maxNames)
      .map((name) => quotable(name, 300)),
    key: keyText(certificate),
    signature: signatureOf(certificate),
    validFrom: isoDate(validFrom),
    validTo: isoDate(validTo),
    daysLeft: Number.isNaN(end) ? 0 : Math.floor((end - now) / dayMs),
    fingerprint256,
    selfSigned: isSelfSigned(certificate),
  }
}

/** DNS names and addresses; none if they cannot be told apart for certain. */
export function namesOf({ subjectAltName }: X509Certificate): string[] {
  if (subjectAltName?.includes('"')) return []
  return (subjectAltName ?? '')
    .split(', ')
    .flatMap((entry) => /^(?:DNS|IP Address|URI):(.+)$/.exec(entry)?.slice(1) ?? [])
}

/** The name of the algorithm, or its number if it is not in the table. */
export function signatureOf({ raw }: X509Certificate): string {
  const oid = signatureOid(raw)
  return oid === undefined ? 'unreadable' : (signatures[oid] ?? oid)
}

interface Key {
  readonly type: string | undefined
  readonly details: AsymmetricKeyDetails
}

/** Undefined for a key that OpenSSL cannot read: it reads the key of a certificate only when it is asked for, and throws then. */
function keyOf(certificate: X509Certificate): Key | undefined {
  try {
    const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = certificate.publicKey
    return { type, details }
  } catch {
    return undefined
  }
}

/** `RSA 2048`, `EC prime256v1`, `Ed25519`. */
function keyText(certificate: X509Certificate): string {
  const key = keyOf(certificate)
  if (!key) return 'unreadable'
  const { type, details } = key
  if (details.modulusLength !== undefined) return `RSA ${details.modulusLength}`
  return type === 'ec' ? `EC ${details.namedCurve ?? ''}`.trim() : (type ?? 'unknown')
}

/** Whether OpenSSL refuses the key at its usual level: fewer than 2048 bits of RSA, fewer than 224 of a curve. */
export function isWeakKey(certificate: X509Certificate): boolean {
  const { modulusLength, namedCurve } = keyOf(certificate)?.details ?? {}
  const bits = Number(/(\d{3})/.exec(namedCurve ?? '')?.[1] ?? 256)
  return modulusLength === undefined ? bits < 224 : modulusLength < 2048
}

/** Whether its own key has signed it. It may do so without the permission to sign other certificates, which OpenSSL would also require. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.subject === certificate.issuer && isSignedBy(certificate, certificate)
}

/** Whether name and signature fit this issuer. */
export function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && isSignedBy(certificate, issuer)
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.verify(issuer.publicKey)
  } catch {
    return false // a kind of key that OpenSSL does not know
  }
}

function oneLine(name: string | undefined): string {
  return quotable((name ?? '').split('\n').join(', '), 300)
}

function isoDate(text: string): string {
  const date = new Date(text)
  return Number.isNaN(date.getTime()) ? 'unreadable' : date.toISOString()
}

/** Node.js 20 does not show it. RFC 5280 §4.1: SEQUENCE { tbsCertificate, SEQUENCE { OBJECT IDENTIFIER, … }, … } in DER. */
function signatureOid(der: Buffer): string | undefined {
  const certificate = elementAt(der, 0)
  const body = certificate && elementAt(der, certificate.start)
  const algorithm = body && elementAt(der, body.end)
  const oid = algorithm && elementAt(der, algorithm.start)
  if (!oid || der[algorithm.start] !== 0x06) return undefined
  return oidText(der.subarray(oid.start, oid.end))
}

function elementAt(der: Buffer, at: number): { readonly start: number; readonly end: number } | undefined {
  const first = der[at + 1]
  if (first === undefined) return undefined
  const count = first < 0x80 ? 0 : first & 0x7f
  if (count > 4 || (count === 0 && first >= 0x80) || at + 2 + count > der.length) return undefined
  const length = count === 0 ? first : der.readUIntBE(at + 2, count)
  const start = at + 2 + count
  return start + length > der.length ? undefined : { start, end: start + length }
}

function oidText(bytes: Buffer): string {
  const numbers: number[] = []
  let number = 0
  for (const byte of bytes) {
    number = number * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    numbers.push(number)
    number = 0
  }
  const [first = 0, ...rest] = numbers
  const root = Math.min(2, Math.floor(first / 40))
  return [root, first - root * 40, ...rest].join('.')
}
