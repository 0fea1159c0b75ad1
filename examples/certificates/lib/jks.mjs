/** Writes a Java KeyStore, version 2, for sun.security.provider.JavaKeyStore. Java itself recommends PKCS #12. */
import { createHash, createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import { nothing, octets, oid, sequence, utf16 } from './der.mjs'

/**
 * @param {object} store
 * @param {string} store.password
 * @param {{ alias: string, key: string, chain: string[] }[]} [store.keys] PEM, unencrypted
 * @param {{ alias: string, certificate: string }[]} [store.trusted] PEM
 */
export function writeJks({ password, keys = [], trusted = [] }) {
  const body = Buffer.concat([
    int(0xfeedfeed),
    int(2),
    int(keys.length + trusted.length),
    ...keys.flatMap(({ alias, key, chain }) => [
      int(1),
      utf(alias),
      now(),
      counted(protectedKey(key, password)),
      int(chain.length),
      ...chain.map(certificate),
    ]),
    ...trusted.flatMap(({ alias, certificate: pem }) => [int(2), utf(alias), now(), certificate(pem)]),
  ])
  return Buffer.concat([body, sha1(utf16(password), Buffer.from('Mighty Aphrodite'), body)])
}

/** sun.security.provider.KeyProtector: the key is XORed with a stream of digests; a digest to check it follows. */
function protectedKey(pem, password) {
  const key = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' })
  const secret = utf16(password)
  const salt = randomBytes(20)
  const masked = Buffer.from(key)
  let digest = salt
  for (let at = 0; at < key.length; at++) {
    if (at % digest.length === 0) digest = sha1(secret, digest)
    masked[at] ^= digest[at % digest.length]
  }
  const sealed = Buffer.concat([salt, masked, sha1(secret, key)])
  return sequence(sequence(oid('1.3.6.1.4.1.42.2.17.1.1'), nothing()), octets(sealed))
}

const certificate = (pem) => Buffer.concat([utf('X.509'), counted(new X509Certificate(pem).raw)])
const counted = (bytes) => Buffer.concat([int(bytes.length), bytes])
const sha1 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha1')).digest()

function int(value) {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function utf(text) {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes])
}

function now() {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(Date.now()))
  return bytes
}
