import { inspect } from 'node:util'

/** What is shown instead of the bytes. */
const shown = () => '[TLS session]'
const hidden: PropertyDescriptorMap = {
  ...Object.fromEntries(
    [inspect.custom, Symbol.toPrimitive, 'toJSON', 'toLocaleString'].map((name) => [name, { value: shown }]),
  ),
  // Node.js 22.23, 24.21 and 26.10 read the name that a session was authenticated for out of its bytes, from one place to
  // another; without that they ignore the session.
  toString: {
    value(this: Buffer, encoding?: BufferEncoding, start?: number, end?: number): string {
      return start === undefined ? shown() : Buffer.prototype.toString.call(this, encoding, start, end)
    },
  },
}

/**
 * A session that is none, as OpenSSL writes one (SSL_SESSION of ssl_asn1.c): version 1, TLS 1.2, a cipher suite, no session
 * id, no key, no ticket. A handshake with it is a full one. Bytes that OpenSSL cannot parse would leave an error behind
 * that breaks another connection.
 */
const noSession = Buffer.from('300f020101020203030402130104000400', 'hex')

/**
 * A session as it may stand among options, which the driver copies and others print: it holds the key of the connection.
 * These bytes show nothing of themselves as text, JSON or inspected, and they are wiped once the code that read them has
 * run: the driver calls `tls.connect` directly after its copy, and Node.js parses the session in that call. With a copy that
 * somebody keeps, handshakes are full ones.
 */
export function offeredSession(session: Uint8Array): Buffer {
  const bytes = Buffer.alloc(session.length) // memory of its own, not of the pool
  bytes.set(session)
  queueMicrotask(() => noSession.copy(bytes.fill(0)))
  return Object.defineProperties(bytes, hidden)
}
