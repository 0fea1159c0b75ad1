import { isIP, isIPv6, SocketAddress } from 'node:net'
import { domainToASCII } from 'node:url'
import { TlsError } from '../../errors.js'

/** A name as it can stand in a certificate: ASCII, no scheme, no port, no wildcard. */
export function checkedName(name: unknown, what: string): string {
  if (typeof name === 'string') {
    if (isIP(name) !== 0) return canonicalAddress(name)
    const ascii = domainToASCII(name)
    if (/^[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/.test(ascii)) return ascii
  }
  const shown = typeof name === 'string' ? JSON.stringify(name) : typeof name
  throw new TlsError('OPTION_INVALID', `${what} must be a host name or an IP address, not ${shown}.`)
}

/** IPv6 has many spellings and may carry a zone; certificates have neither. */
export function canonicalAddress(address: string): string {
  const [bare = ''] = address.split('%')
  return isIPv6(bare) ? new SocketAddress({ address: bare, family: 'ipv6' }).address : bare
}
