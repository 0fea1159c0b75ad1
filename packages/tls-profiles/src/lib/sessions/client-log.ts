import { isIP } from 'node:net'
import { TlsError } from '../../errors.js'
import { endpointKey } from '../endpoint.js'

/** What is needed of a Client: the driver's documented event `log`. */
export interface LoggingClient {
  on(event: 'log', listener: (level: string, className: string, message: string) => void): unknown
}

/** What the driver says just before it reads `sslOptions`, in the same turn; with SNI a name follows. */
const announcement = 'Connecting to '

/**
 * Calls back with the endpoint of each connection that the client is about to open. An address translator may lead to a
 * name, and with SNI the address is a proxy's: neither is told.
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
