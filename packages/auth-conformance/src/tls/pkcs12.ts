import { createHash, createHmac, createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import type { IssuedCertificate } from '@x/auth-testserver'

// In DER: tag, length, value.
const oids = {
  data: '06092a864886f70d010701',
  keyBag: '060b2a864886f70d010c0a0102',
  certificateBag: '060b2a864886f70d010c0a0103',
  x509Certificate: '060a2a864886f70d01091601',
  localKeyId: '06092a864886f70d010915',
  sha256: '0609608648016503040201',
} as const
const macIterations = 2_048
/** The id that connects a key with its certificate. Any bytes work. */
const keyId = Buffer.from([1])

/**
 * Makes a PKCS #12 store (RFC 7292) with a certificate and its key, in the form of OpenSSL: the key is encrypted with
 * PBES2 and AES, and everything has a MAC. If `passphrase` is undefined, the MAC is that of no passphrase, which
 * differs from that of an empty one.
 */
export function pkcs12({ certPem, keyPem }: IssuedCertificate, passphrase: string | undefined): Buffer {
  const attributes = set(sequence(oid('localKeyId'), set(octets(keyId))))
  const certificate = sequence(oid('x509Certificate'), tagged(octets(new X509Certificate(certPem).raw)))
  const encryption = { cipher: 'aes-256-cbc', passphrase: passphrase ?? '' }
  const key = createPrivateKey(keyPem).export({ type: 'pkcs8', format: 'der', ...encryption })
  const content = sequence(
    contentInfo(sequence(sequence(oid('certificateBag'), tagged(certificate), attributes))),
    contentInfo(sequence(sequence(oid('keyBag'), tagged(key), attributes))),
  )
  return sequence(Buffer.from('020103', 'hex'), contentInfo(content), mac(content, passphrase))
}

function mac(content: Buffer, passphrase: string | undefined): Buffer {
  const salt = randomBytes(16)
  const digest = createHmac('sha256', macKey(passphrase, salt)).update(content).digest()
  const iterations = element(0x02, Buffer.from([macIterations >> 8, macIterations & 0xff]))
  return sequence(sequence(sequence(oid('sha256'), element(0x05)), octets(digest)), octets(salt), iterations)
}

/** RFC 7292 appendix B.2, for one block of SHA-256; identifier 3 makes it the key of a MAC. */
function macKey(passphrase: string | undefined, salt: Buffer): Buffer {
  const block = 64
  const fill = (bytes: Buffer) => Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes)
  const bmpString = passphrase === undefined ? '' : `${passphrase}\0`
  const password = Buffer.from(bmpString, 'utf16le').swap16()
  let digest = Buffer.concat([Buffer.alloc(block, 3), fill(salt), fill(password)])
  for (let round = 0; round < macIterations; round++) digest = createHash('sha256').update(digest).digest()
  return digest
}

function contentInfo(content: Buffer): Buffer {
  return sequence(oid('data'), tagged(octets(content)))
}

function oid(name: keyof typeof oids): Buffer {
  return Buffer.from(oids[name], 'hex')
}

function sequence(...items: Buffer[]): Buffer {
  return element(0x30, ...items)
}

function set(...items: Buffer[]): Buffer {
  return element(0x31, ...items)
}

function octets(bytes: Buffer): Buffer {
  return element(0x04, bytes)
}

function tagged(item: Buffer): Buffer {
  return element(0xa0, item)
}

/** X.690 §8.1.3: a length below 128 has one byte. Others here have two bytes after the byte with their number. */
function element(tag: number, ...contents: Buffer[]): Buffer {
  const body = Buffer.concat(contents)
  const { length } = body
  const long = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...(length < 0x80 ? [length] : long)]), body])
}
