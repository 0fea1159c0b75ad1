import { webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

const dayMs = 86_400_000

/** A server's certificate that signed itself and may sign no others. */
export async function selfSignedLeaf() {
  const keys = await rsa(2048, 'SHA-256')
  const certificate = await X509CertificateGenerator.createSelfSigned({
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + 300 * dayMs),
    name: 'CN=alone',
    keys,
    signingAlgorithm: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }]),
    ],
  })
  return { cert: certificate.toString('pem'), key: await pemOf(keys.privateKey) }
}

/** A root of RSA and a certificate for 127.0.0.1 below it: with a key of these bits, signed with this hash. */
export async function weakCertificate({ bits = 2048, hash = 'SHA-256' }: { bits?: number; hash?: string }) {
  const validity = { notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + 300 * dayMs) }
  const rootKeys = await rsa(2048, 'SHA-256')
  const name = 'CN=Weak Root'
  const root = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    name,
    keys: rootKeys,
    signingAlgorithm: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  })
  const keys = await rsa(bits, 'SHA-256')
  const leaf = await X509CertificateGenerator.create({
    ...validity,
    subject: 'CN=weak',
    issuer: name,
    publicKey: keys.publicKey,
    signingKey: (await reimported(rootKeys.privateKey, hash)) as never,
    signingAlgorithm: { name: 'RSASSA-PKCS1-v1_5', hash },
    extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  })
  return { ca: root.toString('pem'), cert: leaf.toString('pem'), key: await pemOf(keys.privateKey) }
}

async function pemOf(key: webcrypto.CryptoKey) {
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}

function rsa(modulusLength: number, hash: string) {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash,
    modulusLength,
    publicExponent: new Uint8Array([1, 0, 1]),
  }
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

/** A key of WebCrypto signs with one hash. */
async function reimported(key: webcrypto.CryptoKey, hash: string) {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', key)
  return webcrypto.subtle.importKey('pkcs8', pkcs8, { name: 'RSASSA-PKCS1-v1_5', hash }, true, ['sign'])
}
