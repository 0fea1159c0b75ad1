import { authError } from './errors.js'

/** The address and the port of one connection. */
export interface Endpoint {
  /** IPv4 or IPv6 address without brackets, or a host name. */
  readonly address: string
  readonly port: number
}

/**
 * Splits the driver's `ip:port`. The port follows the LAST colon, because the driver writes IPv6 without
 * brackets (`::1:9042`); brackets are taken off where somebody else wrote them.
 * Errors: OPTION_INVALID.
 */
export function parseEndpoint(endpoint: string): Endpoint {
  const colon = typeof endpoint === 'string' ? endpoint.lastIndexOf(':') : -1
  if (colon !== -1) {
    const address = endpoint.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
    const digits = endpoint.slice(colon + 1)
    const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0
    if (address !== '' && port >= 1 && port <= 65_535) return { address, port }
  }
  throw authError('OPTION_INVALID', 'An endpoint has the form address:port, with a port from 1 to 65535.')
}
