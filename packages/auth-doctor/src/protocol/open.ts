import type { Socket } from 'node:net'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import type { Budget } from '../budget.js'
import { type Address, type Dialled, dial, type Shaken, shake } from './dial.js'
import type { ServerFlight } from './handshake-tap.js'
import { Wire } from './wire.js'

/** A connection that can carry CQL. */
export interface Opened {
  readonly kind: 'open'
  readonly wire: Wire
  readonly tls: { readonly socket: TLSSocket; readonly flight: ServerFlight } | undefined
  /** Our end of it. */
  readonly local: LocalEnd
}

/** The client's end of a connection. */
export interface LocalEnd {
  readonly address: string | undefined
  readonly port: number | undefined
}

const localEnd = ({ localAddress: address, localPort: port }: Socket): LocalEnd => ({ address, port })

/** Opens a connection, with TLS if there are options for it. */
export async function open(
  at: Address,
  tls: ConnectionOptions | undefined,
  budget: Budget,
): Promise<Opened | Exclude<Dialled | Shaken, { kind: 'open' | 'secure' }>> {
  if (!tls) {
    const dialled = await dial(at, budget)
    return dialled.kind === 'open'
      ? {
          kind: 'open',
          wire: new Wire(dialled.socket, budget),
          tls: undefined,
          local: localEnd(dialled.socket),
        }
      : dialled
  }
  const shaken = await shake(at, tls, budget)
  if (shaken.kind !== 'secure') return shaken
  const { socket, flight, below } = shaken
  return { kind: 'open', wire: new Wire(socket, budget), tls: { socket, flight }, local: localEnd(below) }
}

/** A handshake that accepts everything, to see what is there; nothing secret is ever sent on it. */
export const acceptingAnything: ConnectionOptions = {
  rejectUnauthorized: false,
  ca: [],
  minVersion: 'TLSv1',
  ciphers: 'DEFAULT@SECLEVEL=0',
}
