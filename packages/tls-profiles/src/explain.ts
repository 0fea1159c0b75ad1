import type { SecureVersion } from 'node:tls'
import { type CertificateSummary, shownDate } from './certificate.js'
import type { NameRule } from './lib/identity/names.js'
import type { Parameters } from './lib/material/context.js'
import type { MaterialSummary } from './lib/material/material.js'
import { decisive, endOf } from './lib/material/validity.js'
import { weaknessesOf } from './lib/material/weak-ciphers.js'
import type { SessionStatus } from './lib/sessions/session-status.js'
import { isBelow } from './lib/versions.js'
import type { TlsProfileRecord } from './profile-record.js'

/** Protection that a profile gives up. Each code has a text in `givesUp`. */
export type GivenUp =
  | 'SERVER_NOT_VERIFIED'
  | 'NAME_NOT_VERIFIED'
  | 'COMMON_NAME_ACCEPTED'
  | 'LEGACY_VERSIONS'
  | 'WEAK_CIPHERS'
  | 'TLS_1_3_NOT_OFFERED'

/** What a profile needs from the other options of the Client. Each code has a text in `conditions`. */
export type Condition = 'PROTOCOL_MAX_VERSION' | 'UNSEEN_CONTEXT' | 'RESUME_FOR_CLIENT'

/** What `explain()` returns. `text` says the same for a reader. */
export interface Explanation {
  readonly profile: string
  readonly verifies: { readonly chain: boolean; readonly name: boolean }
  /** The CAs that a chain must end at; undefined if they are in a given context. */
  readonly trust:
    | { readonly systemRoots: boolean; readonly ca: readonly CertificateSummary[]; readonly crls: number }
    | undefined
  readonly names: {
    readonly mode: TlsProfileRecord['names']
    /** The name, the URI (a prefix ends in …), or the address → name pairs; undefined if they are computed. */
    readonly expected: string | Readonly<Record<string, string>> | undefined
    /** The name that is sent as SNI; undefined if none is sent. */
    readonly servername: string | undefined
  }
  /** SHA-256 of public keys, in base64. The chain must have one of them; if the list is empty, any key is accepted. */
  readonly pins: readonly string[]
  /** Our certificate; undefined if none is sent, or if it is in a given context. */
  readonly clientCertificate: CertificateSummary | undefined
  /** Undefined if they are in a given context. */
  readonly versions: { readonly min: SecureVersion; readonly max: SecureVersion } | undefined
  /** OpenSSL's cipher list; undefined for the default list of Node.js. */
  readonly ciphers: string | undefined
  /** When the material expires: our certificate or one of its intermediates, or the last of our roots if that is earlier. */
  readonly validUntil: Date | undefined
  readonly rotation: { readonly watching: boolean; readonly files: readonly string[] }
  /** The address of a managed service: a contact point and `protocolOptions.port`. Undefined for other profiles. */
  readonly endpoint: { readonly host: string; readonly port: number } | undefined
  /**
   * Which TLS sessions are resumed, for how many Clients `resumeFor` was called, and why sessions were dropped.
   * Undefined without the option `resumption`.
   */
  readonly resumption:
    | (SessionStatus & {
        readonly scope: 'endpoint' | 'name'
        readonly maxAgeMs: number
        readonly clients: number
      })
    | undefined
  /** Whether each connection has a record of its login, for the providers of @x/auth-core. */
  readonly connectionRecord: boolean
  readonly givesUp: readonly { readonly code: GivenUp; readonly text: string }[]
  readonly conditions: readonly { readonly code: Condition; readonly text: string }[]
  readonly text: string
}

/** The part of an explanation that does not change. */
export interface ExplanationInput {
  readonly rule: NameRule
  readonly servername: string | undefined
  readonly pins: readonly string[]
  readonly parameters: Parameters | undefined
  /** Whether TLS 1.3 was left out by our default and not by an option. */
  readonly withoutTls13: boolean
  readonly endpoint: { readonly host: string; readonly port: number } | undefined
}

interface Current {
  readonly summary: MaterialSummary | undefined
  readonly files: readonly string[]
  readonly watching: boolean
  readonly resumption: Explanation['resumption']
  readonly connectionRecord: boolean
}

/** Explains the current state of a profile. */
export function explanationOf(record: TlsProfileRecord, input: ExplanationInput, now: Current): Explanation {
  const { summary, files, watching, resumption, connectionRecord } = now
  const { rule, servername, pins, parameters, endpoint } = input
  const facts = {
    profile: record.profile,
    verifies: record.verifies,
    trust: summary && record.verifies.chain ? trustOf(summary) : undefined,
    names: { mode: record.names, expected: expectedNames(rule), servername },
    pins,
    clientCertificate: summary?.client[0],
    versions: parameters && { min: parameters.minVersion, max: parameters.maxVersion },
    ciphers: parameters?.ciphers,
    validUntil: summary && endOf(decisive(summary)),
    rotation: { watching, files },
    endpoint,
    resumption,
    connectionRecord,
    givesUp: givenUp(record, input),
    conditions: conditions(record, input, now),
  }
  return Object.freeze({ ...facts, text: textOf(facts, summary === undefined) })
}

function trustOf({ systemRoots, ca, crls }: MaterialSummary) {
  return { systemRoots, ca, crls }
}

function expectedNames(rule: NameRule): string | Record<string, string> | undefined {
  if (rule.mode === 'fixed') return rule.name
  if (rule.mode === 'uri') return `${rule.uri}${rule.isPrefix ? '…' : ''}`
  return rule.mode === 'map' ? Object.fromEntries(rule.names) : undefined
}

function givenUp({ verifies }: TlsProfileRecord, { rule, parameters, withoutTls13 }: ExplanationInput) {
  const given: { code: GivenUp; text: string }[] = []
  if (!verifies.chain) {
    given.push({
      code: 'SERVER_NOT_VERIFIED',
      text: 'any server is accepted: the connection is encrypted, but the other end is not verified',
    })
  } else if (!verifies.name) {
    given.push({
      code: 'NAME_NOT_VERIFIED',
      text: 'any certificate of the trusted CAs is accepted for any server',
    })
  }
  if ('acceptCommonName' in rule && rule.acceptCommonName) {
    given.push({
      code: 'COMMON_NAME_ACCEPTED',
      text: 'the common name is accepted if a certificate has no DNS name; RFC 9525 forbids that',
    })
  }
  if (parameters && isBelow(parameters.minVersion, 'TLSv1.2')) {
    given.push({
      code: 'LEGACY_VERSIONS',
      text: `${parameters.minVersion} is offered, which RFC 8996 forbids`,
    })
  }
  const weak = parameters ? weaknessesOf(parameters.ciphers) : []
  if (weak.length > 0) {
    given.push({ code: 'WEAK_CIPHERS', text: `the cipher list allows ${weak.join(', and ')}` })
  }
  if (withoutTls13) {
    given.push({
      code: 'TLS_1_3_NOT_OFFERED',
      text: "the driver's search for a protocol version crashes the process under TLS 1.3 with a client certificate; with protocolOptions: { maxVersion: 4 } add maxVersion: 'TLSv1.3' to the profile",
    })
  }
  return given
}

function conditions(
  { sendsClientCertificate, maxVersion }: TlsProfileRecord,
  { parameters }: ExplanationInput,
  { resumption, connectionRecord }: Current,
) {
  const found: { code: Condition; text: string }[] = []
  if (sendsClientCertificate && maxVersion === 'TLSv1.3') {
    found.push({
      code: 'PROTOCOL_MAX_VERSION',
      text: 'set protocolOptions: { maxVersion: 4 } on the Client (secureClientOptions of @x/auth-core does it)',
    })
  }
  if (!parameters) {
    found.push({
      code: 'UNSEEN_CONTEXT',
      text: 'the context decides about CAs, client certificate, versions and ciphers',
    })
  }
  if (resumption?.scope === 'endpoint' && resumption.clients === 0 && connectionRecord) {
    found.push({
      code: 'RESUME_FOR_CLIENT',
      text: 'call resumeFor(client), so that the profile knows the server of each connection; until then it keeps sessions and does not offer them',
    })
  }
  return found
}

function textOf(facts: Omit<Explanation, 'text'>, unseen: boolean): string {
  const { trust, clientCertificate: own, versions, ciphers, validUntil: end, rotation, endpoint } = facts
  const lines = [
    `${facts.profile}: ${headline(facts)}`,
    endpoint && `  endpoint   ${endpoint.host}:${endpoint.port}`,
    trust && `  trusts     ${trustText(trust)}`,
    facts.verifies.chain && `  name       ${nameText(facts)}`,
    facts.pins.length > 0 && `  pins       ${facts.pins.map((pin) => `sha256/${pin}`).join(', ')}`,
    trust && `  revocation ${trust.crls > 0 ? `${trust.crls} list(s)` : 'not checked'}`,
    !unseen && `  sends      ${own ? `certificate ${certificateText(own)}` : 'no certificate'}`,
    versions &&
      `  versions   ${versions.min === versions.max ? versions.min : `${versions.min} to ${versions.max}`}`,
    versions && `  ciphers    ${ciphers ?? "Node's default"}`,
    end && `  until      ${end.toISOString()}`,
    rotation.files.length > 0 &&
      `  files      ${rotation.watching ? 'followed' : 'not followed'}: ${rotation.files.join(', ')}`,
    facts.resumption && `  resumes    ${resumptionText(facts.resumption, facts.connectionRecord)}`,
    `  logins     ${facts.connectionRecord ? 'seen as they end' : 'not seen: this runtime keeps no record of a connection'}`,
    ...facts.givesUp.map(({ text }) => `  gives up   ${text}`),
    ...facts.conditions.map(({ text }) => `  needs      ${text}`),
  ]
  return lines.filter((line) => typeof line === 'string').join('\n')
}

function resumptionText(
  { scope, maxAgeMs, resumed, full, dropped }: NonNullable<Explanation['resumption']>,
  seen: boolean,
): string {
  if (!seen) return 'no sessions: this runtime keeps no record of a connection'
  const whose = scope === 'name' ? 'of any server' : 'of the same address and port'
  const lost = Object.entries(dropped).flatMap(([why, count]) => (count > 0 ? `${count} ${why}` : []))
  const sofar = `so far ${resumed} resumed, ${full} full${lost.length > 0 ? `; dropped: ${lost.join(', ')}` : ''}`
  return `sessions ${whose}, without a new check for ${maxAgeMs / 60_000} minutes at most (${sofar})`
}

function headline({ verifies, names }: Omit<Explanation, 'text'>): string {
  if (!verifies.chain) return 'encrypts, and verifies nothing about the server'
  if (!verifies.name) return 'verifies who issued the certificate of the server, not its name'
  return names.mode === 'address'
    ? "verifies the server's certificate and its IP address"
    : `verifies the server's certificate and its ${names.mode === 'uri' ? 'URI' : 'name'}`
}

function trustText({ systemRoots, ca }: NonNullable<Explanation['trust']>): string {
  const own = ca.map(certificateText)
  return [...(systemRoots ? ['the roots of Node.js'] : []), ...own].join('; ')
}

function certificateText({ name, validTo, file }: CertificateSummary): string {
  return `${name} (until ${shownDate(validTo).split('T')[0]}${file === undefined ? '' : `, ${file}`})`
}

function nameText({ names: { mode, expected, servername } }: Omit<Explanation, 'text'>): string {
  const sni = servername === undefined ? 'no SNI' : `SNI ${servername}`
  if (mode === 'none') return `any (${sni})`
  if (mode === 'address') return `the IP address of each connection (${sni})`
  if (mode === 'function') return `from a function of the address (${sni})`
  if (typeof expected === 'string') return `${expected} (${sni})`
  return `${Object.entries(expected ?? {})
    .map(([address, name]) => `${address} → ${name}`)
    .join(', ')} (${sni})`
}
