import type { Socket } from 'node:net'
import { canonicalAddress } from './identity/host-name.js'

/** Address and port as one text, the address in its canonical form. */
export function endpointKey(address: string, port: number | string): string {
  return `${canonicalAddress(address)}:${port}`
}

/** The address and port that a socket is really connected to. */
export function endpointReached({ remoteAddress = '', remotePort = 0 }: Socket): string {
  return endpointKey(remoteAddress, remotePort)
}
