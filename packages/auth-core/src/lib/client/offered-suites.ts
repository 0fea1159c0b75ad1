import { Duplex } from 'node:stream'
import { type ConnectionOptions, connect } from 'node:tls'

/**
 * The numbers of the cipher suites that a client with these options offers (IANA TLS Cipher Suites), as its own ClientHello
 * has them: what OpenSSL makes of a list, of its level of security and of the versions is not for us to repeat. Nothing
 * leaves the process. Throws what Node or OpenSSL throws of options that it does not take; undefined on a runtime that
 * writes its hello later.
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
  // What goes wrong with it from here on is not the user's.
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
