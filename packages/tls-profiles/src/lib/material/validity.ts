import type { X509Certificate } from 'node:crypto'
import { type CertificateSummary, shownDate, summarize } from '../../certificate.js'
import { TlsError } from '../../errors.js'
import type { Loaded } from './pem.js'

/**
 * Whether a certificate ends a chain: it is its own issuer. OpenSSL's check (`checkIssued`) also requires that its key
 * may sign certificates. A server's self-signed certificate can be trusted without that.
 */
export function isSelfIssued(x509: X509Certificate): boolean {
  if (x509.subject !== x509.issuer) return false
  return x509.checkIssued(x509) || isSignedBy(x509, x509)
}

/** Whether one certificate was issued by the other: by name, key identifier and signature. */
export function isIssuedBy(x509: X509Certificate, issuer: X509Certificate): boolean {
  return x509.checkIssued(issuer) && isSignedBy(x509, issuer)
}

/** Whether the key of the issuer signed it. Names are not compared. */
export function isSignedBy(x509: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return x509.verify(issuer.publicKey)
  } catch {
    return false // a kind of key that OpenSSL does not know
  }
}

/** Whether a certificate is valid now; false if one of its dates cannot be read. */
export function isCurrent({ validFrom, validTo }: X509Certificate, now: Date): boolean {
  return new Date(validFrom) <= now && now <= new Date(validTo)
}

/** The best of several that fit: one that is valid now, then the newest. */
export function bestOf(candidates: readonly Loaded[], now: Date): Loaded | undefined {
  const rank = ({ x509 }: Loaded) => [
    Number(isCurrent(x509, now)),
    ...[x509.validFrom, x509.validTo].map(time),
  ]
  return candidates.reduce<Loaded | undefined>(
    (best, each) => (best && !isMore(rank(each), rank(best)) ? best : each),
    undefined,
  )
}

function time(date: string): number {
  return new Date(date).getTime() || Number.NEGATIVE_INFINITY
}

function isMore(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, index) => value !== b[index])
  return (a[at] ?? 0) > (b[at] ?? 0)
}

/** Why a certificate is not valid now. */
export function validityError({ x509, file }: Loaded, now: Date): TlsError {
  const certificate = summarize(x509, file)
  const { name, validFrom, validTo } = certificate
  const what = `The certificate ${name} in ${file ?? 'the PEM given'}`
  const details = { file, certificate }
  if (Number.isNaN(validFrom.getTime()) || Number.isNaN(validTo.getTime())) {
    return new TlsError('CERTIFICATE_INVALID', `${what} has a date that cannot be read.`, details)
  }
  return validTo < now
    ? new TlsError('CERTIFICATE_EXPIRED', `${what} expired on ${shownDate(validTo)}.`, details)
    : new TlsError(
        'CERTIFICATE_NOT_YET_VALID',
        `${what} is not valid before ${shownDate(validFrom)}.`,
        details,
      )
}

/**
 * The certificates that must all be valid: ours with its intermediates, and the root that expires last. During a
 * roll-over, the old root is still there with its successor.
 */
export function decisive(summary: {
  readonly client: readonly CertificateSummary[]
  readonly anchors: readonly CertificateSummary[]
}): readonly CertificateSummary[] {
  const [first, ...others] = summary.anchors
  if (!first) return summary.client
  const last = others.reduce((best, each) => (isLater(each.validTo, best.validTo) ? each : best), first)
  return [...summary.client, last]
}

function isLater(a: Date, b: Date): boolean {
  return a > b || Number.isNaN(b.getTime())
}

/** The expiry of the one that expires first; undefined if there is none. */
export function endOf(certificates: readonly CertificateSummary[]): Date | undefined {
  const ends = certificates.map(({ validTo }) => validTo.getTime()).filter((end) => !Number.isNaN(end))
  return ends.length > 0 ? new Date(Math.min(...ends)) : undefined
}
