import type { X509Certificate } from 'node:crypto'
import { quotable } from './lib/quotable.js'

/**
 * The useful facts about a certificate. All of it is public and safe to print: characters that could steer a terminal
 * are replaced, and long names and lists are cut.
 */
export interface CertificateSummary {
  /** What to call it: its subject; without one (SPIFFE, ACME) its first alternative name, or else its serial number. */
  readonly name: string
  /** `CN=…, O=…`, as the certificate has it; empty if it has no subject. */
  readonly subject: string
  readonly issuer: string
  /** DNS names, IP addresses and URIs of the subject alternative name, without their prefixes. */
  readonly names: readonly string[]
  /** An Invalid Date if the certificate's date cannot be read; the same for `validTo`. */
  readonly validFrom: Date
  readonly validTo: Date
  /** SHA-256 of the whole certificate, upper-case hexadecimal with colons. */
  readonly fingerprint256: string
  /** The file that it was read from, if any. */
  readonly file?: string
}

/** Longer than the names of real certificates: a DNS name has at most 253 characters. */
const maxName = 500

/** Large content networks have certificates of a hundred names. */
const maxNames = 200

/** Summarises a certificate. Its subject and its issuer may be empty, and Node.js then has none at all. */
export function summarize(certificate: X509Certificate, file?: string): CertificateSummary {
  const { subjectAltName, serialNumber, validFrom, validTo, fingerprint256 } = certificate
  const subject = quotable(oneLine(certificate.subject), maxName)
  const names = quotableNames(subjectAltName)
  return Object.freeze({
    name: subject || (names[0] ?? `serial number ${quotable(serialNumber, maxName)}`),
    subject,
    issuer: quotable(oneLine(certificate.issuer), maxName),
    names,
    validFrom: new Date(validFrom),
    validTo: new Date(validTo),
    fingerprint256,
    ...(file === undefined ? {} : { file }),
  })
}

/** The same for a certificate as bytes. Throws if they are not a certificate. */
export function summarizeDer(raw: Uint8Array): CertificateSummary {
  const { X509Certificate } = require('node:crypto') as typeof import('node:crypto')
  return summarize(new X509Certificate(raw))
}

/** A date for a message, also one that could not be read. */
export function shownDate(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'an unreadable date' : date.toISOString()
}

/** One alternative name, and what it is: `DNS`, `IP Address`, `URI`, … as Node.js calls it. */
interface AlternativeName {
  readonly type: string
  readonly name: string
}

// `DNS:a, IP Address:::1`; a name with a comma, a quote or a control character comes in JSON quotes.
const entry = /(?:^|, )([A-Za-z0-9][A-Za-z0-9 ]*):("(?:[^"\\]|\\.)*"|[^,"]*)/y

/**
 * The alternative names as Node.js prints them, split exactly: if a part does not read like that, the result is no
 * names at all, so that a piece of a name never counts as a name.
 */
export function alternativeNames(given: string | null | undefined): AlternativeName[] {
  const subjectAltName = given ?? '' // null if Node.js cannot print it, though its types do not say so
  const found: AlternativeName[] = []
  entry.lastIndex = 0
  let read = 0
  for (let match = entry.exec(subjectAltName); match; match = entry.exec(subjectAltName)) {
    const [, type = '', name = ''] = match
    found.push({ type, name: name.startsWith('"') ? String(JSON.parse(name)) : name })
    read = entry.lastIndex
  }
  return read === subjectAltName.length ? found : []
}

/** The DNS names, IP addresses and URIs in a subject alternative name as Node prints it. */
export function namesOf(subjectAltName: string | undefined): string[] {
  return alternativeNames(subjectAltName).flatMap(({ type, name }) =>
    ['DNS', 'IP Address', 'URI'].includes(type) ? [name] : [],
  )
}

function quotableNames(subjectAltName: string | undefined): readonly string[] {
  const names = namesOf(subjectAltName)
  const shown = names.slice(0, maxNames).map((name) => quotable(name, maxName))
  return Object.freeze(names.length > maxNames ? [...shown, `… (${names.length} in all)`] : shown)
}

/** Node separates the parts of a name by line ends. */
function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ')
}
