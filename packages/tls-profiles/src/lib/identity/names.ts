import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { PeerCertificate } from 'node:tls'
import { types } from 'node:util'
import { summarize } from '../../certificate.js'
import { isTlsError, TlsError } from '../../errors.js'
import { canonicalAddress, checkedName } from './host-name.js'
import { hasUri, isUriIdentity, type UriIdentity, type UriRule, uriRuleOf } from './uri.js'

/**
 * Which name the server's certificate must have, in its subject alternative names (RFC 9525):
 * - `'address'`: the IP address that the driver connects to;
 * - any other text: this name or IP address, for every server; a name is sent as SNI;
 * - a record or Map from IP address to name, or a function: the name of that server; nothing is sent as SNI, since
 *   the driver has one `servername` for all;
 * - `{ uri }` or `{ uriPrefix }`: a URI such as a SPIFFE ID; nothing is sent as SNI;
 * - `false`: no name. Any certificate of the CA is accepted for any server.
 */
export type Hostname =
  | string
  | false
  | UriIdentity
  | Readonly<Record<string, string>>
  | ReadonlyMap<string, string>
  | ((address: string) => string)

/** The rule after the check. `acceptCommonName`: the common name counts if the certificate has no DNS name. */
export type NameRule =
  | { readonly mode: 'address' }
  | { readonly mode: 'fixed'; readonly name: string; readonly acceptCommonName: boolean }
  | {
      readonly mode: 'map'
      readonly names: ReadonlyMap<string, string>
      readonly acceptCommonName: boolean
    }
  | {
      readonly mode: 'function'
      readonly nameOf: (address: string) => string
      readonly acceptCommonName: boolean
    }
  | UriRule
  | { readonly mode: 'none' }

/** Parses the options `hostname` and `acceptCommonName`. */
export function nameRuleOf(hostname: Hostname, acceptCommonName: boolean): NameRule {
  const rule = ruleOf(hostname, acceptCommonName)
  if (!acceptCommonName || ('acceptCommonName' in rule && rule.acceptCommonName)) return rule
  const problem = '`acceptCommonName` needs a name: `hostname` as a name, a map or a function.'
  throw new TlsError('OPTION_INVALID', problem)
}

function ruleOf(hostname: Hostname, acceptCommonName: boolean): NameRule {
  if (hostname === false) return { mode: 'none' }
  if (hostname === 'address') return { mode: 'address' }
  if (typeof hostname === 'string') {
    const name = checkedName(hostname, '`hostname`')
    return { mode: 'fixed', name, acceptCommonName: acceptCommonName && isIP(name) === 0 }
  }
  if (typeof hostname === 'function') return { mode: 'function', nameOf: hostname, acceptCommonName }
  if (isUriIdentity(hostname)) return uriRuleOf(hostname)
  const entries = types.isMap(hostname) ? [...hostname] : Object.entries(hostname as Record<string, string>)
  if (entries.length === 0) throw new TlsError('OPTION_INVALID', '`hostname` is a map without an address.')
  const names = new Map(entries.map(([address, name]) => mapEntry(address, name)))
  return { mode: 'map', names, acceptCommonName }
}

function mapEntry(address: string, name: string): [string, string] {
  if (isIP(address) === 0) {
    const problem = `The key ${JSON.stringify(address)} of \`hostname\` is not an IP address (without a port).`
    throw new TlsError('OPTION_INVALID', problem)
  }
  return [canonicalAddress(address), checkedName(name, `\`hostname\` of ${address}`)]
}

/** The name to send as SNI. RFC 6066 §3: host names only, no addresses. */
export function servernameOf(rule: NameRule): string | undefined {
  return rule.mode === 'fixed' && isIP(rule.name) === 0 ? rule.name : undefined
}

/** If the expected name may change, returns a function that gives the current name for an address. */
export function changingName(rule: NameRule): ((address: string) => string | TlsError) | undefined {
  return rule.mode === 'function' ? (address) => expectedName(rule, address) : undefined
}

/**
 * Makes the check of one certificate. It needs no `this`, so a spread copy of the profile keeps it. It returns what is
 * wrong. Its caller also catches what it throws, because an exception in a callback of Node.js would end the process.
 */
export function nameCheck(
  rule: NameRule,
): (host: string, certificate: PeerCertificate) => TlsError | undefined {
  return (host, { raw }) => {
    if (rule.mode === 'none') return undefined
    const expected = rule.mode === 'uri' ? rule : expectedName(rule, host)
    if (isTlsError(expected)) return expected
    const certificate = new X509Certificate(raw)
    return fits(certificate, expected, rule) ? undefined : mismatch(expected, host, certificate)
  }
}

/**
 * OpenSSL compares: a wildcard stands for one whole label on the left (RFC 9525 §6.3), and the common name counts only
 * with `acceptCommonName`.
 */
function fits(certificate: X509Certificate, expected: string | UriRule, rule: NameRule): boolean {
  if (typeof expected !== 'string') return hasUri(certificate, expected)
  if (isIP(expected) !== 0) return certificate.checkIP(expected) !== undefined
  return hasName(certificate, expected, 'acceptCommonName' in rule && rule.acceptCommonName)
}

function hasName(certificate: X509Certificate, name: string, acceptCommonName: boolean): boolean {
  const subject = acceptCommonName ? 'default' : 'never'
  return certificate.checkHost(name, { subject, partialWildcards: false }) !== undefined
}

function expectedName(rule: Exclude<NameRule, UriRule | { mode: 'none' }>, host: string): string | TlsError {
  if (rule.mode === 'fixed') return rule.name
  const address = canonicalAddress(host)
  if (rule.mode === 'address') return address
  try {
    const name = rule.mode === 'map' ? rule.names.get(address) : rule.nameOf(address)
    if (name !== undefined) return checkedName(name, `What \`hostname\` returned for ${address}`)
  } catch (cause) {
    if (isTlsError(cause)) return cause
    const problem = `The function \`hostname\` failed for the address ${host}.`
    return new TlsError('NAME_UNKNOWN', problem, { cause })
  }
  return new TlsError('NAME_UNKNOWN', `The option \`hostname\` gives no name for the address ${address}.`)
}

function mismatch(expected: string | UriRule, host: string, x509: X509Certificate): TlsError {
  const certificate = summarize(x509)
  const name = typeof expected === 'string' ? expected : `${expected.uri}${expected.isPrefix ? '…' : ''}`
  const at = name === canonicalAddress(host) ? '' : ` (at ${host})`
  const has = certificate.names.join(', ') || `none (only the subject ${certificate.name})`
  const problem = `The server's certificate is not for ${name}${at}; its names are: ${has}.`
  return new TlsError('NAME_MISMATCH', problem + commonNameNote(expected, x509), { certificate })
}

/** Why a certificate is refused that other clients, such as Node.js, accept. */
function commonNameNote(expected: string | UriRule, x509: X509Certificate): string {
  if (typeof expected !== 'string' || isIP(expected) !== 0 || !hasName(x509, expected, true)) return ''
  return ' The name is only in its common name, and RFC 9525 no longer accepts that; `acceptCommonName: true` accepts it.'
}
