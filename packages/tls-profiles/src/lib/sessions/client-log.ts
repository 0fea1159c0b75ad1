import { isIP } from 'node:net'
import { TlsError } from '../../errors.js'
import { endpointKey } from '../endpoint.js'

/** The part of a Client that is used: its documented event `log`. */
export interface LoggingClient {
  on(event: 'log', listener: (level: string, className: string, message: string) => void): unknown
}

/** The driver logs this just before it reads `sslOptions`, in the same turn. With SNI a name follows. */
const announcement = 'Connecting to '

/**
 * Calls back with the endpoint of each connection that the client is about to open. Not if an address translator
 * returned a name, and not with SNI, because the address is then that of a proxy.
 */
export function onConnecting(client: LoggingClient, connecting: (endpoint: string) => void): void {
  if (typeof client?.on !== 'function') {
    throw new TlsError('OPTION_INVALID', 'resumeFor() takes a Client of cassandra-driver.')
  }
  client.on('log', (level, className, message) => {
    if (level !== 'info' || className !== 'Connection' || !message.startsWith(announcement)) return
    const endpoint = message.slice(announcement.length)
    const colon = endpoint.lastIndexOf(':')
    const [address, port] = [endpoint.slice(0, colon), endpoint.slice(colon + 1)]
    if (isIP(address) !== 0 && /^\d+$/.test(port)) connecting(endpointKey(address, port))
  })
}
