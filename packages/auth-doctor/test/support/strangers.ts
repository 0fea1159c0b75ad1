import { createServer, type Socket } from 'node:net'
import { type OnLoopback, onLoopback } from './on-loopback.js'

/** Starts a server on loopback that is not Cassandra; `greet` sees each connection as it opens. */
export function stranger(greet: (socket: Socket) => void): Promise<OnLoopback> {
  return onLoopback(createServer(greet))
}

/** What each of them says, as the real one does. */
export const strangers: Readonly<Record<string, (socket: Socket) => void>> = {
  http: answering((request) =>
    request.startsWith('GET ')
      ? 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
      : 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n',
  ),
  ssh: (socket) => void socket.write('SSH-2.0-OpenSSH_9.6\r\n'),
  // An inline command ends with its line: a frame of CQL has none, and Redis waits.
  redis: answering((request) =>
    request.includes('\n') ? "-ERR wrong number of arguments for 'get' command\r\n" : undefined,
  ),
  // SSLRequest is answered with one letter; what is not a startup packet, by closing.
  postgres: (socket) => {
    socket.once('data', (data) => {
      if (data.toString('hex') === '0000000804d2162f') socket.write('N')
      else socket.destroy()
    })
  },
  mysql: (socket) =>
    void socket.write(Buffer.concat([Buffer.from([0x4a, 0, 0, 0, 0x0a]), Buffer.from('8.0.36\0')])),
  'smtp or ftp': (socket) => void socket.write('220 mail.example ESMTP\r\n'),
  // Framed: a call is answered, all else is read as a length and waited for.
  thrift: (socket) => {
    socket.on('data', (data: Buffer) => {
      if (data.readUInt32BE(4) !== 0x80010001) return
      const reply = Buffer.concat([
        Buffer.from('80010002', 'hex'),
        Buffer.from([0, 0, 0, 16]),
        Buffer.from('describe_version'),
        Buffer.alloc(5),
      ])
      const length = Buffer.alloc(4)
      length.writeInt32BE(reply.length)
      socket.write(Buffer.concat([length, reply]))
    })
  },
  unknown: (socket) => void socket.write('hello, who is there?\n'),
  silent: (socket) => void socket.resume(),
  closes: (socket) => void socket.once('data', () => socket.end()),
  resets: (socket) => void socket.once('data', () => socket.resetAndDestroy()),
  'resets at once': (socket) => void socket.resetAndDestroy(),
  floods: (socket) => {
    const chunk = Buffer.alloc(64 * 1024, 'x')
    const pour = () => {
      while (!socket.destroyed && socket.write(chunk));
    }
    socket.on('drain', pour)
    pour()
  },
}

function answering(answer: (request: string) => string | undefined): (socket: Socket) => void {
  return (socket) => {
    socket.on('data', (data) => {
      const said = answer(data.toString('latin1'))
      if (said !== undefined) socket.write(said)
    })
  }
}
