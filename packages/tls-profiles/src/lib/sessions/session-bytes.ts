import { type Ber, explicit, readBer, sequence, tags } from '../material/ber.js'

/** Node.js writes the name of the server before a session, in versions from 22.23, 24.21 and 26.10 on. */
const namePrefix = Buffer.from('\0nodejs:tls:session:1\0')

/** `peer [3] EXPLICIT Certificate OPTIONAL`, behind values that have no tag 3. */
const peerTag = 0xa3

/** The certificate of the server in a session of `getSession()`, DER; undefined if it has none, or cannot be read. */
export function certificateOf(session: Buffer): Buffer | undefined {
  const peer = fieldsOf(session)?.find(({ tag }) => tag === peerTag)
  try {
    return peer && Buffer.from(explicit(peer, 3).whole)
  } catch {
    return undefined
  }
}

/**
 * The session without that certificate: OpenSSL would parse it each time that the session is offered, which costs as much as a
 * fifth of a full connection. For TLS 1.3 alone: there Node.js asks of a resumed connection for no certificate, and with TLS 1.2
 * it does. Wipes the given bytes, where it does not return them.
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

/** OpenSSL's SSL_SESSION (ssl_asn1.c), of which each field has a tag of its own. */
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

/** DER (X.690 §10.1): of a SEQUENCE, its length in as few octets as it needs. */
function headerOf(length: number): Buffer {
  const octets = Buffer.from(length.toString(16).padStart(8, '0'), 'hex')
  const needed = octets.subarray(octets.findIndex((octet) => octet !== 0))
  const long = length < 0x80 ? [] : [0x80 + needed.length]
  return Buffer.from([tags.sequence, ...long, ...needed])
}
