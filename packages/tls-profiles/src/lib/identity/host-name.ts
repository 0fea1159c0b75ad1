import { isIP, isIPv6, SocketAddress } from 'node:net'
import { domainToASCII, domainToUnicode } from 'node:url'
import { TlsError } from '../../errors.js'

/**
 * Returns a name in the form of certificates: ASCII in lower case, no scheme, no port, no wildcard, without the dot at
 * the end of an absolute name (RFC 6066 §3). The name is used completely or refused, so a caller who checked the end of
 * the name has checked the name that is used. Errors: OPTION_INVALID.
 */
export function checkedName(name: unknown, what: string): string {
  if (typeof name === 'string') {
    if (isIP(name) !== 0) return canonicalAddress(name)
    const used = asciiName(name.replace(/\.$/, ''))
    if (used !== undefined && !endsInNumber(used)) return used
  }
  const shown = typeof name === 'string' ? JSON.stringify(name.slice(0, 260)) : typeof name
  throw new TlsError('OPTION_INVALID', `${what} must be a host name or an IP address, not ${shown}.`)
}

function asciiName(name: string): string | undefined {
  const lower = name.toLowerCase()
  if (isAscii(lower)) return lower
  if (!isOfAnyScript(lower)) return undefined
  // An international name is translated. It is accepted only if the translation back gives the same name, because
  // mapping could turn it into another.
  const translated = domainToASCII(lower)
  const isSame = domainToUnicode(translated) === lower.normalize('NFC')
  return isSame && isAscii(translated) ? translated : undefined
}

/** The lengths are those of RFC 1034 §3.5 and §3.1. The underscore is not allowed there, but it is in use. */
function isAscii(name: string): boolean {
  return /^(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/.test(name)
}

/**
 * Letters and digits of any script, and the characters between them: nothing that a URL parser cuts at, drops or
 * decodes, and no symbol (RFC 5892 §2). The expression is a string, because Node.js parses a literal on import, which
 * takes half a millisecond for these classes of Unicode.
 */
function isOfAnyScript(name: string): boolean {
  return /^[\p{L}\p{M}\p{N}_.-]+$/u.test(name)
}

/** A text that a URL parser takes for an IPv4 address, such as `1.2`, `0x7f.1` and `010.0.0.1` (WHATWG URL §3.5). */
function endsInNumber(name: string): boolean {
  return /(^|\.)(\d+|0x[0-9a-f]*)$/.test(name)
}

/** Writes an address in its one canonical form. IPv6 has many spellings and may have a zone; certificates have neither. */
export function canonicalAddress(address: string): string {
  const bare = address.replace(/%.*/, '')
  return isIPv6(bare) ? new SocketAddress({ address: bare, family: 'ipv6' }).address : bare
}
