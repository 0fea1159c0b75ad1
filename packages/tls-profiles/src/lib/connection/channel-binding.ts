import { createHash } from 'node:crypto'
import type { PeerCertificate, TLSSocket } from 'node:tls'
import { oid, readBer, sequence } from '../material/ber.js'
import { certificateOf } from '../sessions/session-bytes.js'

/** The names of the IANA registry of channel binding types. */
export type ChannelBindingType = 'tls-server-end-point' | 'tls-exporter'

/** Signature algorithms of certificates → the hash of RFC 5929 §4.1, which takes SHA-256 instead of MD5 and SHA-1. */
const hashes: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.4': 'sha256', // md5WithRSAEncryption
  '1.2.840.113549.1.1.5': 'sha256', // sha1WithRSAEncryption
  '1.2.840.113549.1.1.14': 'sha224', // sha224WithRSAEncryption
  '1.2.840.113549.1.1.11': 'sha256', // sha256WithRSAEncryption
  '1.2.840.113549.1.1.12': 'sha384', // sha384WithRSAEncryption
  '1.2.840.113549.1.1.13': 'sha512', // sha512WithRSAEncryption
  '1.2.840.10040.4.3': 'sha256', // dsa-with-sha1
  '2.16.840.1.101.3.4.3.1': 'sha224', // dsa-with-sha224
  '2.16.840.1.101.3.4.3.2': 'sha256', // dsa-with-sha256
  '1.2.840.10045.4.1': 'sha256', // ecdsa-with-SHA1
  '1.2.840.10045.4.3.1': 'sha224', // ecdsa-with-SHA224
  '1.2.840.10045.4.3.2': 'sha256', // ecdsa-with-SHA256
  '1.2.840.10045.4.3.3': 'sha384', // ecdsa-with-SHA384
  '1.2.840.10045.4.3.4': 'sha512', // ecdsa-with-SHA512
}

/** RSASSA-PSS (RFC 4055 §3.1) has its hash in the parameters; without them it is SHA-1. */
const rsaPss = '1.2.840.113549.1.1.10'
const pssHashes: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha256', // SHA-1
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

/** RFC 9266 §4.2. */
const exporterLabel = 'EXPORTER-Channel-Binding'
const exporterBytes = 32

/**
 * The channel binding data of a connection whose handshake is complete; null if it has none of this type. `verified` is
 * the certificate of the server, which a profile keeps for a resumed session.
 */
export function channelBindingOf(
  socket: TLSSocket,
  type: ChannelBindingType,
  verified?: Buffer,
): Uint8Array | null {
  if (type === 'tls-exporter') {
    // RFC 9266 §3: TLS 1.2 only with the extended master secret, and Node does not say whether there is one.
    if (socket.getProtocol() !== 'TLSv1.3') return null
    return socket.exportKeyingMaterial(exporterBytes, exporterLabel, Buffer.alloc(0))
  }
  const certificate = serverCertificate(socket, verified)
  const hash = certificate && endPointHash(certificate)
  return certificate && hash ? createHash(hash).update(certificate).digest() : null
}

/**
 * A connection that resumes a session gets no certificate, but the session contains that of the first handshake. Do not
 * use `getPeerX509Certificate()`: in Node.js 20 it removes the certificate, and the next call returns its issuer.
 */
function serverCertificate(socket: TLSSocket, verified: Buffer | undefined): Buffer | undefined {
  if (!socket.isSessionReused()) return (socket.getPeerCertificate() as Partial<PeerCertificate>).raw
  if (verified) return verified
  const session = socket.getSession()
  try {
    return session && certificateOf(session)
  } finally {
    // The session contains its key.
    session?.fill(0)
  }
}

/**
 * The hash for `tls-server-end-point`. Undefined for an algorithm without its own hash (Ed25519): then there is no
 * binding.
 */
export function endPointHash(certificate: Buffer): string | undefined {
  try {
    const [, algorithm] = sequence(readBer(certificate))
    const [name, parameters] = sequence(algorithm)
    const found = oid(name)
    if (found !== rsaPss) return hashes[found]
    const first = parameters && sequence(parameters)[0]
    // [0] EXPLICIT hashAlgorithm DEFAULT sha1.
    if (first?.tag !== 0xa0) return 'sha256'
    return pssHashes[oid(sequence(readBer(first.contents))[0])]
  } catch {
    return undefined
  }
}
