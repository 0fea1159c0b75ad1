import type { AddressInfo, Server, Socket } from 'node:net'

/** A server that listens on loopback; its end closes its connections too. */
export interface OnLoopback extends AsyncDisposable {
  readonly port: number
}

/** Starts it. */
export async function onLoopback(server: Server): Promise<OnLoopback> {
  const sockets = new Set<Socket>()
  server.on('tlsClientError', () => {})
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}
