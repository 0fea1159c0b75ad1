import { inspect } from 'node:util'

/** The text that is shown instead of the bytes. */
const shown = () => '[TLS session]'
const hidden: PropertyDescriptorMap = {
  ...Object.fromEntries(
    [inspect.custom, Symbol.toPrimitive, 'toJSON', 'toLocaleString'].map((name) => [name, { value: shown }]),
  ),
  // From 22.23, 24.21 and 26.10 on, Node.js reads the name that a session was authenticated for from a range of its
  // bytes. Without that it ignores the session.
  toString: {
    value(this: Buffer, encoding?: BufferEncoding, start?: number, end?: number): string {
      return start === undefined ? shown() : Buffer.prototype.toString.call(this, encoding, start, end)
    },
  },
}

/**
 * An empty session in OpenSSL's format (SSL_SESSION of ssl_asn1.c): version 1, TLS 1.2, a cipher suite, no session id,
 * no key, no ticket. A handshake with it is a full one. Bytes that OpenSSL cannot parse would leave an error in its
 * queue that breaks another connection.
 */
const noSession = Buffer.from('300f020101020203030402130104000400', 'hex')

/**
 * A session in a form that is safe among options, which the driver copies and others print: a session contains the key
 * of the connection. As text, as JSON or inspected, these bytes show nothing. They are wiped after the code that read
 * them has run: the driver calls `tls.connect` directly after its copy, and Node.js parses the session in that call. If
 * somebody keeps a copy, a handshake with it is a full one.
 */
export function offeredSession(session: Uint8Array): Buffer {
  const bytes = Buffer.alloc(session.length) // its own memory, not from the pool
  bytes.set(session)
  queueMicrotask(() => noSession.copy(bytes.fill(0)))
  return Object.defineProperties(bytes, hidden)
}
