import type { Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import type { TLSSocket, TlsOptions } from 'node:tls'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls'
import type { TlsInfo } from '../../authenticator.js'

/** The events of a node that its server gets. */
export interface NodeEvents {
  accepted(socket: Socket, reset: () => void, tls: TlsInfo | undefined): void
  tlsFailed(error: NodeJS.ErrnoException): void
}

/** TLS of a node. */
export interface NodeTls {
  options: TlsOptions
  /** Whether connections without TLS are accepted too. */
  optional: boolean
}

/** RFC 8446 §5.1: the first byte of a client that begins with TLS; a frame of CQL begins with its version. */
const tlsHandshake = 0x16

/** One listening address: plain, TLS, or both. */
export class ServerNode {
  readonly #raw = new Set<Socket>()
  #server: Server | undefined
  #tls: TlsServer | undefined
  #optional = false

  constructor(
    readonly address: string,
    readonly events: NodeEvents,
  ) {}

  get listening(): boolean {
    return this.#server !== undefined
  }

  /** Starts listening on `port`; 0 means any free port. Returns the port. */
  async listen(port: number, tls: NodeTls | undefined): Promise<number> {
    const server = createServer()
    this.#tls = tls && this.#tlsServer(tls.options)
    this.#optional = tls?.optional ?? false
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ port, host: this.address, exclusive: true }, () => {
        server.off('error', reject)
        resolve()
      })
    })
    this.#server = server
    server.on('connection', (socket: Socket) => this.#connected(socket))
    const bound = server.address()
    return typeof bound === 'object' && bound !== null ? bound.port : port
  }

  /** Changes the TLS options from the next handshake on, including the policy for client certificates. */
  setTls({ options, optional }: NodeTls): void {
    const server = this.#tls
    if (!server) return
    this.#optional = optional
    server.setSecureContext(options)
    // setSecureContext does not change these two, and they are read at each handshake.
    Object.assign(server, {
      requestCert: options.requestCert,
      rejectUnauthorized: options.rejectUnauthorized,
    })
  }

  /** Stops listening and destroys all connections; resolves when the port is free. */
  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    // Do not destroy a TCP socket inside a callback of its TLS socket: that crashes Node.js 20.
    await new Promise((resolve) => setImmediate(resolve))
    for (const socket of [...this.#raw]) socket.destroy()
    await closed
  }

  /** Gets its connections from this node, and does not listen itself. */
  #tlsServer(options: TlsOptions): TlsServer {
    const server = createTlsServer(options)
    server.on('secureConnection', (socket: TLSSocket) => this.#secured(socket))
    server.on('tlsClientError', (error: NodeJS.ErrnoException) => this.events.tlsFailed(error))
    return server
  }

  #connected(socket: Socket): void {
    this.#track(socket)
    const tls = this.#tls
    if (!tls) return this.#plain(socket)
    if (!this.#optional) return void tls.emit('connection', socket)
    // The same as Cassandra's handler for optional TLS: the first byte decides.
    socket.once('data', (first: Buffer) => {
      socket.pause()
      socket.unshift(first)
      if (first[0] === tlsHandshake) return void tls.emit('connection', socket)
      this.#plain(socket)
      socket.resume()
    })
  }

  #plain(socket: Socket): void {
    this.events.accepted(socket, () => resetSocket(socket), undefined)
  }

  #track(socket: Socket): void {
    this.#raw.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => this.#raw.delete(socket))
  }

  #secured(socket: TLSSocket): void {
    // Node.js has no way from a TLS socket to its TCP socket. Both have the client's address and port.
    const below = [...this.#raw].find(
      (raw) => raw.remotePort === socket.remotePort && raw.remoteAddress === socket.remoteAddress,
    )
    const reset = () => (below === undefined ? socket.destroy() : resetSocket(below))
    this.events.accepted(socket, reset, tlsInfo(socket))
  }
}

/**
 * Sends only an RST. `resetAndDestroy()` of Node.js ends the stream first, so a FIN precedes the RST and the peer may
 * see either. The mark that it sets makes `destroy()` reset at once.
 */
function resetSocket(socket: Socket & { resetAndClosing?: boolean }): void {
  socket.resetAndClosing = true
  socket.destroy()
}

function tlsInfo(socket: TLSSocket): TlsInfo {
  const peerCertificate = socket.getPeerX509Certificate()
  const error: unknown = socket.authorizationError
  const ownCertificate = socket.getX509Certificate()
  const { servername } = socket as TLSSocket & { servername?: string | false }
  return {
    authorized: socket.authorized,
    protocol: socket.getProtocol() ?? 'unknown',
    ...(peerCertificate === undefined ? {} : { peerCertificate }),
    ...(error === null || error === undefined ? {} : { authorizationError: String(error) }),
    ...(typeof servername === 'string' ? { servername } : {}),
    ...(ownCertificate === undefined ? {} : { ownCertificate }),
    exportKeyingMaterial: (length, label) => socket.exportKeyingMaterial(length, label, Buffer.alloc(0)),
  }
}
