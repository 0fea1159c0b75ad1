import { isIP, isIPv6, SocketAddress } from 'node:net'
import { domainToASCII, domainToUnicode } from 'node:url'
import { TlsError } from '../../errors.js'

/** RFC 1034 §3.5 and §3.1 for the lengths; the underscore is not in it and is in use. */
const ascii = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/
/**
 * Nothing that a URL parser cuts at, drops or decodes: letters and digits of any script, and what stands between. As text:
 * Node parses a literal on import, which takes half a millisecond for these classes of Unicode.
 */
const anyScript = String.raw`^[\p{L}\p{M}\p{N}_.-]+$`
/** What a URL parser takes for an IPv4 address, as `1.2`, `0x7f.1` and `010.0.0.1` (WHATWG URL §3.5). */
const endsInNumber = /(^|\.)(\d+|0x[0-9a-f]*)$/

/**
 * A name as it can stand in a certificate: ASCII in lower case, no scheme, no port, no wildcard, without the dot at the
 * end of an absolute name (RFC 6066 §3). The name is used as it was given or refused: anyone who checked its end before
 * must have checked what is used here.
 */
export function checkedName(name: unknown, what: string): string {
  if (typeof name === 'string') {
    if (isIP(name) !== 0) return canonicalAddress(name)
    const used = asciiName(name.replace(/\.$/, ''))
    if (ascii.test(used) && !endsInNumber.test(used)) return used
  }
  const shown = typeof name === 'string' ? JSON.stringify(name.slice(0, 260)) : typeof name
  throw new TlsError('OPTION_INVALID', `${what} must be a host name or an IP address, not ${shown}.`)
}

function asciiName(name: string): string {
  const lower = name.toLowerCase()
  if (ascii.test(lower)) return lower
  // An international name is translated, and only one that comes back as it was: mapping could turn it into another.
  const translated = new RegExp(anyScript, 'u').test(lower) ? domainToASCII(lower) : ''
  return domainToUnicode(translated) === lower.normalize('NFC') ? translated : ''
}

/** IPv6 has many spellings and may carry a zone; certificates have neither. */
export function canonicalAddress(address: string): string {
  const [bare = ''] = address.split('%')
  return isIPv6(bare) ? new SocketAddress({ address: bare, family: 'ipv6' }).address : bare
}
