import { Duplex } from 'node:stream'
import { connect } from 'node:tls'

/** The cipher suites that OpenSSL offers for a list, read from its ClientHello (RFC 8446 §4.1.2); undefined where it takes none of it. */
export async function offeredCiphers(ciphers: string): Promise<readonly number[] | undefined> {
  let hello = Buffer.alloc(0)
  const wire = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, callback) {
      hello = Buffer.concat([hello, chunk])
      callback()
    },
  })
  try {
    const socket = connect({ socket: wire, ciphers, ca: [], rejectUnauthorized: false })
    socket.on('error', () => undefined)
    await new Promise((resolve) => setImmediate(resolve))
    socket.destroy()
  } catch {
    return undefined
  }
  const sessionId = 5 + 4 + 2 + 32
  const suites = sessionId + 1 + hello.readUInt8(sessionId)
  const count = hello.readUInt16BE(suites) / 2
  return Array.from({ length: count }, (_, index) => hello.readUInt16BE(suites + 2 + 2 * index))
}

/** IANA TLS Cipher Suites: NULL encryption, and DH_anon or ECDH_anon key exchange. */
const unprotected = new Set([
  0x0001, 0x0002, 0x002c, 0x002d, 0x002e, 0x003b, 0x00b0, 0x00b1, 0x00b4, 0x00b5, 0x00b8, 0x00b9, 0xc001,
  0xc006, 0xc00b, 0xc010, 0xc015, 0xc039, 0xc03a, 0xc03b, 0xc0b4, 0xc0b5, 0x0017, 0x0018, 0x0019, 0x001a,
  0x001b, 0x0034, 0x003a, 0x0046, 0x006c, 0x006d, 0x0089, 0x009b, 0x00a6, 0x00a7, 0x00bf, 0x00c5, 0xc016,
  0xc017, 0xc018, 0xc019, 0xc046, 0xc047, 0xc05a, 0xc05b, 0xc084, 0xc085,
])

export function isUnprotected(suite: number): boolean {
  return unprotected.has(suite)
}
