import type { Listener } from '../report.js'

/** What a protocol other than CQL sends first, or answers to a frame of CQL. */
const banners: readonly (readonly [Listener, (bytes: Buffer, text: string) => boolean])[] = [
  ['http', (_, text) => /^HTTP\/\d/.test(text) || /^<(!doctype )?html/i.test(text)],
  ['ssh', (_, text) => text.startsWith('SSH-')],
  ['redis', (_, text) => /^(-(ERR|NOAUTH|DENIED|WRONGPASS|LOADING)|\+(PONG|OK)\r)/.test(text)],
  // https://www.postgresql.org/docs/current/protocol-flow.html: S or N to SSLRequest, ErrorResponse to anything else
  [
    'postgres',
    (bytes, text) =>
      /^[SN]$/.test(text) || (/^E\0\0/.test(text) && bytes.length > 5 && /^[SCFV]/.test(text[5] ?? '')),
  ],
  // A packet of number 0 with protocol version 10, or an error packet
  [
    'mysql',
    (bytes) =>
      bytes.length > 5 && bytes[3] === 0 && (bytes[4] === 0x0a || bytes[4] === 0xff) && bytes[0] !== 0,
  ],
  ['smtp or ftp', (_, text) => /^220[ -]/.test(text)],
  // Framed transport, strict binary protocol: a reply (2) or an exception (3)
  [
    'thrift',
    (bytes) =>
      bytes.length >= 8 && bytes.readUInt32BE(4) >>> 8 === 0x800100 && [2, 3].includes(bytes[7] ?? 0),
  ],
]

/** Which protocol sent these bytes; undefined if it is not a known one. */
export function listenerOf(bytes: Buffer): Listener | undefined {
  const text = bytes.toString('latin1')
  return banners.find(([, fits]) => fits(bytes, text))?.[0]
}

/** Whether this is the beginning of an alert of TLS: a TLS server sends it to a client without TLS. */
export function isTlsAlert(bytes: Buffer): boolean {
  return bytes.length >= 3 && bytes[0] === 21 && bytes[1] === 3
}

/** What to send to a server that does not answer to CQL: each is harmless, and only asks for an answer. */
export const questions: readonly { readonly name: string; readonly bytes: (host: string) => Buffer }[] = [
  {
    name: 'HTTP',
    bytes: (host) => Buffer.from(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
  },
  // SSLRequest
  { name: 'PostgreSQL', bytes: () => Buffer.from('0000000804d2162f', 'hex') },
  { name: 'Thrift', bytes: () => thriftCall('describe_version') },
]

function thriftCall(method: string): Buffer {
  const call = Buffer.concat([
    Buffer.from('80010001', 'hex'),
    lengthOf(method.length),
    Buffer.from(method),
    Buffer.alloc(4), // sequence number
    Buffer.alloc(1), // no arguments
  ])
  return Buffer.concat([lengthOf(call.length), call])
}

function lengthOf(length: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(length)
  return bytes
}
