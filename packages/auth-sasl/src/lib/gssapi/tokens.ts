import { authError, type ServerToken } from '@x/auth-core/base'
import { saslError } from '../../errors.js'
import { messageBytes } from '../bytes.js'

/**
 * What a server may send, checked before the native code sees it: npm `kerberos` 7.0.0 ends the process when a token
 * holds an empty payload, and never looks at what the server offers.
 */

/** RFC 2743 §3.1: [APPLICATION 0], then the length in DER. */
const applicationTag = 0x60

/** RFC 4121 §4.1: the object identifier 1.2.840.113554.1.2.2 in DER. */
const krb5Mechanism = Buffer.from('06092a864886f712010202', 'hex')

/** RFC 4121 §4.1: the server's answer to the ticket, or its error. */
const apRep = 0x0200
const krbError = 0x0300

/** RFC 4121 §4.2.6.2. */
const wrapTokenId = 0x0504
const wrapHeaderBytes = 16
const sentByAcceptor = 0x01
const sealed = 0x02

/** RFC 4752 §3.3: a bit-mask of layers, and the largest message that the server takes. */
const offerBytes = 4
const noLayer = 0x01

/** The server's part of the security context (RFC 4121 §4.1). Throws CHALLENGE_INVALID. */
export function checkContextToken(token: ServerToken): Buffer {
  const bytes = messageBytes(token)
  const [headerBytes, length] = derLength(bytes)
  const body = bytes.subarray(headerBytes)
  const framed = bytes[0] === applicationTag && length === body.length
  const krb5 = body.subarray(0, krb5Mechanism.length).equals(krb5Mechanism)
  const rest = body.subarray(krb5Mechanism.length)
  const known = rest.length > 2 && [apRep, krbError].includes(rest.readUInt16BE(0))
  if (framed && krb5 && known) return bytes
  throw invalid("The server's message is not an answer of Kerberos 5 to a ticket.")
}

/** Whether a token that `checkContextToken` has let pass is an error that the server reports. */
export function isKerberosError(token: Buffer): boolean {
  const [headerBytes] = derLength(token)
  return token.readUInt16BE(headerBytes + krb5Mechanism.length) === krbError
}

/**
 * The token that carries the offer (RFC 4121 §4.2.6.2): from the server, readable, and with a payload of four bytes.
 * Throws CHALLENGE_INVALID, and KERBEROS_ENCTYPE_UNSUPPORTED for tokens of the time before AES.
 */
export function checkWrapToken(token: ServerToken): Buffer {
  const bytes = messageBytes(token)
  if (bytes[0] === applicationTag) {
    throw saslError(
      'KERBEROS_ENCTYPE_UNSUPPORTED',
      'The server protects its messages in the old format (RFC 1964), used with RC4 or DES.',
    )
  }
  if (bytes.length <= wrapHeaderBytes || bytes.readUInt16BE(0) !== wrapTokenId || bytes[3] !== 0xff) {
    throw invalid("The server's offer of security layers is not a wrap token of Kerberos 5.")
  }
  const flags = bytes.readUInt8(2)
  if ((flags & sentByAcceptor) === 0) throw invalid("The server's offer is a message of a client.")
  if ((flags & sealed) !== 0) {
    throw invalid("The server's offer of security layers is encrypted, which RFC 4752 does not allow.")
  }
  // Payload and checksum are the rest, in any order: RRC only rotates them, EC is the checksum's length.
  const checksumBytes = bytes.readUInt16BE(4)
  const payloadBytes = bytes.length - wrapHeaderBytes - checksumBytes
  if (checksumBytes === 0 || payloadBytes !== offerBytes) throw offerLength(payloadBytes)
  return bytes
}

/**
 * RFC 4752 §3.1: four bytes, and "no security layer" among what the server offers. Its largest message should then be
 * 0. Servers in Java send another number; without a layer it has no meaning. Throws CHALLENGE_INVALID,
 * GSSAPI_LAYER_REQUIRED.
 */
export function checkOffer(offer: Buffer): void {
  if (offer.length !== offerBytes) throw offerLength(offer.length)
  if ((offer.readUInt8(0) & noLayer) === 0) throw saslError('GSSAPI_LAYER_REQUIRED')
}

/** How many bytes tag and length have, and the value of the length; NaN if it is not a length. */
function derLength(bytes: Buffer): readonly [number, number] {
  const first = bytes[1] ?? 0x80
  if (first < 0x80) return [2, first]
  const count = first & 0x7f
  if (count < 1 || count > 2 || bytes.length < 2 + count) return [2, Number.NaN]
  return [2 + count, bytes.readUIntBE(2, count)]
}

function offerLength(length: number) {
  return invalid(`The server's offer of security layers has ${length} bytes, not ${offerBytes}.`)
}

function invalid(problem: string) {
  return authError('CHALLENGE_INVALID', problem)
}
