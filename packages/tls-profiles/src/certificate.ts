import type { X509Certificate } from 'node:crypto'
import type { PeerCertificate } from 'node:tls'
import { quotable } from './lib/quotable.js'

/**
 * What is worth saying about a certificate. Everything in it is public, and fit to be printed: what could steer a terminal
 * is replaced, and long names and lists are cut.
 */
export interface CertificateSummary {
  /** `CN=…, O=…`, as the certificate has it. */
  readonly subject: string
  readonly issuer: string
  /** DNS names, IP addresses and URIs of the subject alternative name, without their prefixes. */
  readonly names: readonly string[]
  readonly validFrom: Date
  readonly validTo: Date
  /** SHA-256 of the whole certificate, upper-case hexadecimal with colons. */
  readonly fingerprint256: string
  /** Where it was read from, where that is a file. */
  readonly file?: string
}

/** Longer than the names of real certificates: a DNS name has at most 253 characters. */
const maxName = 500

/** Large content networks have certificates of a hundred names. */
const maxNames = 200

/** Summarises a certificate of ours. */
export function summarize(certificate: X509Certificate, file?: string): CertificateSummary {
  return Object.freeze({
    subject: quotable(oneLine(certificate.subject), maxName),
    issuer: quotable(oneLine(certificate.issuer), maxName),
    names: quotableNames(certificate.subjectAltName),
    validFrom: new Date(certificate.validFrom),
    validTo: new Date(certificate.validTo),
    fingerprint256: certificate.fingerprint256,
    ...(file === undefined ? {} : { file }),
  })
}

/** Summarises a certificate in the older form that `tls` hands to checkServerIdentity. */
export function summarizePeer(certificate: PeerCertificate): CertificateSummary {
  return Object.freeze({
    subject: quotable(distinguishedName(certificate.subject), maxName),
    issuer: quotable(distinguishedName(certificate.issuer), maxName),
    names: quotableNames(certificate.subjectaltname),
    validFrom: new Date(certificate.valid_from),
    validTo: new Date(certificate.valid_to),
    fingerprint256: certificate.fingerprint256,
  })
}

// Node prints the alternative names as `DNS:a, IP Address:::1`; a name with a comma in it comes in JSON quotes.
const entry = /(?:DNS|IP Address|URI):("(?:[^"\\]|\\.)*"|[^,]*)/g

/** The names in a subject alternative name as Node prints it. */
export function namesOf(subjectAltName: string | undefined): string[] {
  return Array.from(subjectAltName?.matchAll(entry) ?? [], ([, name = '']) =>
    name.startsWith('"') ? String(JSON.parse(name)) : name,
  )
}

function quotableNames(subjectAltName: string | undefined): readonly string[] {
  const names = namesOf(subjectAltName)
  const shown = names.slice(0, maxNames).map((name) => quotable(name, maxName))
  return Object.freeze(names.length > maxNames ? [...shown, `… (${names.length} in all)`] : shown)
}

/** Node separates the parts of a name by line ends. */
function oneLine(name: string): string {
  return name.split('\n').join(', ')
}

function distinguishedName(name: PeerCertificate['subject'] | undefined): string {
  return Object.entries(name ?? {})
    .flatMap(([type, value]) => [value].flat().map((each) => `${type}=${each}`))
    .join(', ')
}
