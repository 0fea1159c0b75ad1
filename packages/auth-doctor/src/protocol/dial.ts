import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import type { Budget } from '../budget.js'
import { HandshakeTap, type ServerFlight } from './handshake-tap.js'

/** The address to connect to. */
export interface Address {
  readonly address: string
  readonly port: number
  /** The name that a proxy routes by (SNI, RFC 6066 §3); undefined: the one in the options of the connection. */
  readonly servername?: string | undefined
}

/** The outcome of opening a TCP connection. */
export type Dialled =
  | { readonly kind: 'open'; readonly socket: Socket }
  | { readonly kind: 'failed'; readonly error: NodeJS.ErrnoException }
  | { readonly kind: 'late' }
  /** The limits of the run are reached. */
  | { readonly kind: 'spent' }

/** The outcome of a TLS handshake, with what the server said in the clear. */
export type Shaken =
  | {
      readonly kind: 'secure'
      readonly socket: TLSSocket
      readonly flight: ServerFlight
      /** The TCP connection that carries it. */
      readonly below: Socket
    }
  | { readonly kind: 'refused'; readonly error: NodeJS.ErrnoException; readonly flight: ServerFlight }
  | Exclude<Dialled, { readonly kind: 'open' }>

/** Opens a TCP connection within a step. */
export async function dial({ address, port }: Address, budget: Budget): Promise<Dialled> {
  if (!budget.takeConnection()) return { kind: 'spent' }
  // As the driver does: small messages do not wait for each other.
  const socket = connectTcp({ host: address, port, noDelay: true })
  budget.keep(socket)
  const opened = new Promise<Dialled>((resolve) => {
    socket.once('connect', () => resolve({ kind: 'open', socket }))
    socket.on('error', (error) => resolve({ kind: 'failed', error }))
  })
  const outcome = await budget.within(opened, { kind: 'late' } as const)
  if (outcome.kind !== 'open') socket.destroy()
  return outcome
}

/** Opens a TLS connection: returns what there is of it after a step. */
export async function shake(at: Address, options: ConnectionOptions, budget: Budget): Promise<Shaken> {
  const dialled = await dial(at, budget)
  if (dialled.kind !== 'open') return dialled
  return budget.within(handshake(dialled.socket, at, options), { kind: 'late' } as const).then((outcome) => {
    if (outcome.kind !== 'secure') dialled.socket.destroy()
    return outcome
  })
}

function handshake(
  below: Socket,
  { address, servername }: Address,
  options: ConnectionOptions,
): Promise<Shaken> {
  const tap = new HandshakeTap(below)
  return new Promise((resolve) => {
    const refuse = (error: NodeJS.ErrnoException) => resolve({ kind: 'refused', error, flight: tap.flight })
    try {
      // A check of the name gets `host`, as it does in the driver's connections.
      const socket = connectTls({
        ...options,
        ...(servername !== undefined && { servername }),
        host: address,
        socket: tap,
      })
      socket.once('secureConnect', () => resolve({ kind: 'secure', socket, flight: tap.flight, below }))
      socket.on('error', refuse)
      socket.once('close', () => refuse(new Error('The connection was closed during the handshake.')))
    } catch (error) {
      refuse(error as Error)
    }
  })
}
