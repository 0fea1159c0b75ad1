import type { X509Certificate } from 'node:crypto'
import { quotable } from './lib/quotable.js'

/**
 * The useful facts about a certificate. All of it is public and safe to print: characters that could steer a terminal
 * are replaced, and long names and lists are cut.
 */
export interface CertificateSummary {
  /** Its name in messages: the subject; without one (SPIFFE, ACME) the first alternative name, or else the serial number. */
  readonly name: string
  /** The subject, `CN=…, O=…`; empty if there is none. */
  readonly subject: string
  /** The issuer, in the same form. */
  readonly issuer: string
  /** DNS names, IP addresses and URIs of the subject alternative name, without their prefixes. */
  readonly names: readonly string[]
  /**
   * The time from which it is valid. An Invalid Date if the certificate's date cannot be read; the same applies to
   * `validTo`.
   */
  readonly validFrom: Date
  readonly validTo: Date
  /** SHA-256 of the whole certificate, upper-case hexadecimal with colons. */
  readonly fingerprint256: string
  /** The file that it was read from, if any. */
  readonly file?: string
}

/** More characters than the names of real certificates have: a DNS name has at most 253. */
const maxName = 500

/** Certificates of large content networks have about a hundred names. */
const maxNames = 200

/** Summarizes a certificate. Its subject and its issuer may be empty; Node.js then gives undefined. */
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

/** Summarizes a certificate in DER. Throws if the bytes are not a certificate. */
export function summarizeDer(raw: Uint8Array): CertificateSummary {
  const { X509Certificate } = require('node:crypto') as typeof import('node:crypto')
  return summarize(new X509Certificate(raw))
}

/** Writes a date for a message, also a date that could not be read. */
export function shownDate(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'an unreadable date' : date.toISOString()
}

/** One alternative name and its type, as Node.js calls it: `DNS`, `IP Address`, `URI`, … */
interface AlternativeName {
  readonly type: string
  readonly name: string
}

// `DNS:a, IP Address:::1`; a name with a comma, a quote or a control character comes in JSON quotes.
const entry = /(?:^|, )([A-Za-z0-9][A-Za-z0-9 ]*):("(?:[^"\\]|\\.)*"|[^,"]*)/y

/**
 * Splits the alternative names as Node.js prints them. If any part has another form, it returns no names, so that a
 * part of a name never counts as a name.
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

/** Node.js separates the parts of a name by line ends. */
function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ')
}
