import { Duplex } from 'node:stream'
import { type ConnectionOptions, connect } from 'node:tls'

/**
 * The numbers of the cipher suites that a client with these options offers (IANA TLS Cipher Suites), read from its own
 * ClientHello, since only OpenSSL knows what a list, a security level and the versions result in. Nothing leaves the
 * process. Throws the error of Node or OpenSSL for options that they refuse; undefined on a runtime that writes its
 * hello later.
 */
export function offeredSuites(options: ConnectionOptions): readonly number[] | undefined {
  const written: Buffer[] = []
  const wire = new Duplex({
    read() {},
    write(bytes: Buffer, _encoding, done) {
      written.push(bytes)
      done()
    },
  })
  const socket = connect({ ...options, socket: wire, rejectUnauthorized: true })
  // Later failures of this socket do not concern the user.
  socket.on('error', () => undefined)
  socket.destroy()
  wire.destroy()
  return suitesOf(Buffer.concat(written))
}

/** RFC 8446 §4.1.2, behind the headers of the record and of the message: version, random, session id, suites. */
const sessionId = 5 + 4 + 2 + 32

function suitesOf(hello: Buffer): readonly number[] | undefined {
  if (hello.length <= sessionId) return undefined
  const suites = sessionId + 1 + hello.readUInt8(sessionId)
  const count = hello.readUInt16BE(suites) / 2
  return Array.from({ length: count }, (_, index) => hello.readUInt16BE(suites + 2 + 2 * index))
}
