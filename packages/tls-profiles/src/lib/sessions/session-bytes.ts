import { type Ber, explicit, readBer, sequence, tags } from '../material/ber.js'

/** From 22.23, 24.21 and 26.10 on, Node.js writes the name of the server before a session. */
const namePrefix = Buffer.from('\0nodejs:tls:session:1\0')

/** `peer [3] EXPLICIT Certificate OPTIONAL`; the fields before it have other tags. */
const peerTag = 0xa3

/**
 * The certificate of the server in a session of `getSession()`, in DER. Undefined if the session has none, or cannot be
 * read.
 */
export function certificateOf(session: Buffer): Buffer | undefined {
  const peer = fieldsOf(session)?.find(({ tag }) => tag === peerTag)
  try {
    return peer && Buffer.from(explicit(peer, 3).whole)
  } catch {
    return undefined
  }
}

/**
 * The session without that certificate. OpenSSL would parse it each time that the session is offered, which costs up to
 * a fifth of a full connection. Use it only for TLS 1.3: there Node.js does not ask a resumed connection for a
 * certificate, but with TLS 1.2 it does. Wipes the given bytes, unless it returns them.
 */
export function withoutCertificate(session: Buffer): Buffer {
  const fields = fieldsOf(session)
  if (!fields?.some(({ tag }) => tag === peerTag)) return session
  const kept = fields.filter(({ tag }) => tag !== peerTag).map(({ whole }) => whole)
  const length = kept.reduce((sum, { length: each }) => sum + each, 0)
  const shorter = Buffer.concat([session.subarray(0, startOf(session)), headerOf(length), ...kept])
  session.fill(0)
  return shorter
}

/** The fields of OpenSSL's SSL_SESSION (ssl_asn1.c). Each has its own tag. */
function fieldsOf(session: Buffer): readonly Ber[] | undefined {
  try {
    return sequence(readBer(session.subarray(startOf(session))))
  } catch {
    return undefined
  }
}

function startOf(session: Buffer): number {
  const { length } = namePrefix
  if (session.length < length + 2 || !session.subarray(0, length).equals(namePrefix)) return 0
  return length + 2 + session.readUInt16BE(length)
}

/** The header of a SEQUENCE in DER (X.690 §10.1): the length has as few octets as possible. */
function headerOf(length: number): Buffer {
  const octets = Buffer.from(length.toString(16).padStart(8, '0'), 'hex')
  const needed = octets.subarray(octets.findIndex((octet) => octet !== 0))
  const long = length < 0x80 ? [] : [0x80 + needed.length]
  return Buffer.from([tags.sequence, ...long, ...needed])
}
