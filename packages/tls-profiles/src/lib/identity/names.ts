import { isIP } from 'node:net'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { types } from 'node:util'
import { summarizePeer } from '../../certificate.js'
import { isTlsError, TlsError } from '../../errors.js'
import { canonicalAddress, checkedName } from './host-name.js'

/**
 * Which name the server's certificate must have:
 * - `'address'`: the IP address that the driver connects to, as IP in the subject alternative name;
 * - any other text: this name or IP address, for every server; a name is sent as SNI;
 * - a record or Map from IP address to name, or a function: the name of that server; nothing is sent as SNI, since
 *   the driver has one `servername` for all;
 * - `false`: no name. Any certificate of the CA passes for any server.
 */
export type Hostname =
  | string
  | false
  | Readonly<Record<string, string>>
  | ReadonlyMap<string, string>
  | ((address: string) => string)

/** The same, checked. */
export type NameRule =
  | { readonly mode: 'address' }
  | { readonly mode: 'fixed'; readonly name: string }
  | { readonly mode: 'map'; readonly names: ReadonlyMap<string, string> }
  | { readonly mode: 'function'; readonly nameOf: (address: string) => string }
  | { readonly mode: 'none' }

/** Parses the option `hostname`. */
export function nameRuleOf(hostname: Hostname = 'address'): NameRule {
  if (hostname === false) return { mode: 'none' }
  if (hostname === 'address') return { mode: 'address' }
  if (typeof hostname === 'string') return { mode: 'fixed', name: checkedName(hostname, '`hostname`') }
  if (typeof hostname === 'function') return { mode: 'function', nameOf: hostname }
  if (typeof hostname !== 'object' || hostname === null) {
    throw new TlsError('OPTION_INVALID', '`hostname` must be a name, a map, a function or false.')
  }
  const entries = types.isMap(hostname) ? [...hostname] : Object.entries(hostname as Record<string, string>)
  if (entries.length === 0) throw new TlsError('OPTION_INVALID', '`hostname` is a map without an address.')
  return { mode: 'map', names: new Map(entries.map(([address, name]) => mapEntry(address, name))) }
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

/**
 * The check of one certificate, closed over its rule so that a spread copy keeps it. It returns what is wrong and
 * never throws: an exception in this place would end the process.
 */
export function nameCheck(
  rule: NameRule,
): (host: string, certificate: PeerCertificate) => TlsError | undefined {
  return (host, certificate) => {
    if (rule.mode === 'none') return undefined
    try {
      const name = expectedName(rule, host)
      const cause = checkServerIdentity(name, certificate)
      return cause && mismatch(name, host, certificate, cause)
    } catch (cause) {
      if (isTlsError(cause)) return cause
      const problem = `The function \`hostname\` failed for the address ${host}.`
      return new TlsError('NAME_UNKNOWN', problem, { cause })
    }
  }
}

function expectedName(rule: Exclude<NameRule, { mode: 'none' }>, host: string): string {
  if (rule.mode === 'fixed') return rule.name
  const address = canonicalAddress(host)
  if (rule.mode === 'address') return address
  const name = rule.mode === 'map' ? rule.names.get(address) : rule.nameOf(address)
  if (name === undefined) {
    throw new TlsError('NAME_UNKNOWN', `The option \`hostname\` gives no name for the address ${address}.`)
  }
  return checkedName(name, `What \`hostname\` returned for ${address}`)
}

function mismatch(name: string, host: string, peer: PeerCertificate, cause: Error): TlsError {
  const certificate = summarizePeer(peer)
  const names =
    certificate.names.length > 0 ? certificate.names.join(', ') : `none but ${certificate.subject}`
  const at = name === canonicalAddress(host) ? '' : ` (at ${host})`
  const problem = `The server's certificate is not for ${name}${at}; it has the names: ${names}.`
  return new TlsError('NAME_MISMATCH', problem, { certificate, cause })
}
