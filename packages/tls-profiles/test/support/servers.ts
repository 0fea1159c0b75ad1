import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import * as tls from 'node:tls'
import { answerCql } from './cql.js'

const open: { close(): Promise<void> }[] = []

/** Closes what a test has opened. */
export async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((each) => each.close()))
}

/** A server that speaks just enough CQL over TLS for the driver to connect and to query. */
export interface TestServer {
  port: number
  server: tls.Server | Server
  /** Names that clients asked for by SNI; false for none. */
  serverNames: (string | false)[]
  /** Subject of each client certificate. */
  clients: (string | undefined)[]
}

export async function tlsServer(options: tls.TlsOptions, host = '127.0.0.1'): Promise<TestServer> {
  const serverNames: (string | false)[] = []
  const clients: (string | undefined)[] = []
  const server = tls.createServer(options, (socket) => {
    serverNames.push((socket as tls.TLSSocket & { servername: string | false }).servername)
    clients.push([socket.getPeerCertificate().subject?.CN].flat()[0])
    answerCql(socket)
  })
  server.on('tlsClientError', () => undefined)
  return { ...(await listening(server, host)), serverNames, clients }
}

/** The same without TLS; with `onConnection` any other server. */
export async function plainServer(
  onConnection: (socket: import('node:net').Socket) => void = answerCql,
): Promise<TestServer> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    onConnection(socket)
  })
  return { ...(await listening(server, '127.0.0.1')), serverNames: [], clients: [] }
}

async function listening(server: Server, host: string) {
  const sockets = new Set<import('node:net').Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, host)
  await once(server, 'listening')
  open.push({
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  })
  return { port: (server.address() as AddressInfo).port, server }
}

/** Opens one connection in the way of the driver (lib/connection.js, open). Resolves with the socket, or rejects. */
export async function connectAsDriver(
  port: number,
  sslOptions: object,
  host = '127.0.0.1',
): Promise<tls.TLSSocket> {
  const copied: Record<string, unknown> = { rejectUnauthorized: false }
  for (const key of Object.keys(sslOptions)) {
    const value = (sslOptions as Record<string, unknown>)[key]
    if (value !== undefined) copied[key] = value
  }
  const socket = tls.connect(port, host, copied)
  open.push({
    close: async () => {
      socket.destroy()
    },
  })
  await once(socket, 'secureConnect')
  socket.on('error', () => undefined)
  return socket
}
