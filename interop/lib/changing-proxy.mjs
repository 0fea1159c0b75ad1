/** A TCP proxy on loopback that can change the messages of the server. It makes a lying server from an honest one. */
import { once } from 'node:events'
import net from 'node:net'
import { encodeFrame, FrameReader } from './cql-frames.mjs'

/**
 * @param {{ contactPoint: string }} server
 * @param {(frame: import('./cql-frames.mjs').Frame) => Uint8Array} change returns the body that replaces the frame's
 */
export async function changingProxy({ contactPoint }, change) {
  const [host = '', port = ''] = contactPoint.split(':')
  /** @type {Set<net.Socket>} */
  const open = new Set()
  const proxy = net.createServer((client) => {
    const server = net.connect({ host, port: Number(port) })
    for (const socket of [client, server]) {
      open.add(socket)
      socket.on('error', () => socket.destroy())
      socket.once('close', () => {
        open.delete(socket)
        for (const each of [client, server]) each.destroySoon()
      })
    }
    client.pipe(server)
    const frames = new FrameReader()
    server.on('data', (chunk) => {
      for (const frame of frames.push(chunk)) {
        const { version, flags, stream, opcode } = frame
        client.write(encodeFrame({ version: version | 0x80, flags, stream, opcode, body: change(frame) }))
      }
    })
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  const address = /** @type {net.AddressInfo} */ (proxy.address())
  return {
    contactPoint: `127.0.0.1:${address.port}`,
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}
