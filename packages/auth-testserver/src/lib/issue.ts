import { createPrivateKey, createPublicKey, KeyObject, randomBytes, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import type * as X509 from '@peculiar/x509'
import {
  type AuthorityOptions,
  authorityBag,
  type CertificateAuthority,
  type CertificateOptions,
  type CrlOptions,
  certificateBag,
  crlBag,
  type IssuedCertificate,
  type KeyType,
  type Validity,
} from '../certificate-options.js'
import { readOptions } from './options/option-spec.js'

const day = 24 * 60 * 60 * 1000
/** The time in this number of days. */
export const inDays = (days: number) => new Date(Date.now() + days * day)

const algorithms = {
  ec: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rsa: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
} as const

/** The signer: an authority's certificate and key, and the certificates between it and the root. */
interface Signer {
  subject: string
  keys: webcrypto.CryptoKeyPair
  keyType: KeyType
  above: readonly string[]
  /** Certificate of the root. */
  rootPem: string
}

/** The import of the X.509 library takes 80 to 100 ms, so it is loaded with the first certificate. */
async function library(): Promise<typeof X509> {
  return import('@peculiar/x509')
}

/** Makes a root authority, or one below `parent`. */
export async function authority(
  given: AuthorityOptions | undefined,
  parent: Signer | undefined,
): Promise<CertificateAuthority> {
  const options = readOptions(authorityBag, given)
  const { name = parent === undefined ? 'Test CA' : 'Test Intermediate CA', keyType } = options
  const x509 = await library()
  const keys = await newKeys(keyType)
  const extensions = [
    new x509.BasicConstraintsExtension(true, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
  ]
  const { certificate } = await sign(`CN=${escaped(name)}`, keys, keyType, extensions, options, parent)
  const certPem = pem(certificate)
  const above = parent === undefined ? [] : [certPem, ...parent.above]
  return makeAuthority(
    { subject: certificate.subject, keys, keyType, above, rootPem: parent?.rootPem },
    certPem,
  )
}

function makeAuthority(
  self: Omit<Signer, 'rootPem'> & { rootPem: string | undefined },
  certPem: string,
): CertificateAuthority {
  const rootPem = self.rootPem ?? certPem
  const signer: Signer = { ...self, rootPem }
  return {
    certPem,
    keyPem: privatePem(signer.keys),
    root: { certPem: rootPem },
    issue: (options) => issue(options, signer),
    intermediate: (options) => authority(options, signer),
    crl: (serialNumbers, validity) => revocationList(signer, serialNumbers, validity),
  }
}

/** Makes an end certificate. Without a signer it is signed by its own key. */
export async function issue(
  given: CertificateOptions | undefined,
  signer: Signer | undefined,
): Promise<IssuedCertificate> {
  const options = readOptions(certificateBag, given)
  const { names, uris, renews } = options
  const keyType = renews === undefined ? options.keyType : keyTypeOf(renews.keyPem)
  const { commonName = names[0] ?? uris[0] ?? 'test', usage = uris.length > 0 ? 'client' : 'server' } =
    options
  const x509 = await library()
  const keys = await (renews === undefined ? newKeys(keyType) : keysIn(renews.keyPem))
  const { keyEncipherment, digitalSignature } = x509.KeyUsageFlags
  const usages = [
    ...(usage === 'client' ? [] : [x509.ExtendedKeyUsage.serverAuth]),
    ...(usage === 'server' ? [] : [x509.ExtendedKeyUsage.clientAuth]),
  ]
  const alternatives = [
    ...names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
    ...uris.map((value) => ({ type: 'url' as const, value })),
  ]
  const extensions = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(
      keyType === 'rsa' ? digitalSignature | keyEncipherment : digitalSignature,
      true,
    ),
    new x509.ExtendedKeyUsageExtension(usages),
    // RFC 5280 §4.1.2.6: critical if there is no subject.
    ...(alternatives.length > 0
      ? [new x509.SubjectAlternativeNameExtension(alternatives, commonName === false)]
      : []),
  ]
  const subject = commonName === false ? '' : `CN=${escaped(commonName)}`
  const { certificate } = await sign(subject, keys, keyType, extensions, options, signer)
  const certPem = pem(certificate)
  return {
    certPem,
    keyPem: privatePem(keys),
    chainPem: [certPem, ...(signer?.above ?? [])].join(''),
    serialNumber: certificate.serialNumber,
  }
}

async function sign(
  subject: string,
  keys: webcrypto.CryptoKeyPair,
  keyType: KeyType,
  extensions: X509.Extension[],
  { notBefore = inDays(-1), notAfter = inDays(365) }: Validity,
  signer: Signer | undefined,
): Promise<{ certificate: X509.X509Certificate }> {
  const x509 = await library()
  const signing: Pick<Signer, 'subject' | 'keys' | 'keyType'> = signer ?? { subject, keys, keyType }
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: newSerialNumber(),
      subject,
      issuer: signing.subject,
      notBefore,
      notAfter,
      signingAlgorithm: algorithms[signing.keyType],
      publicKey: keys.publicKey,
      signingKey: signing.keys.privateKey,
      extensions: [
        ...extensions,
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await x509.AuthorityKeyIdentifierExtension.create(signing.keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  return { certificate }
}

async function revocationList(
  signer: Signer,
  serialNumbers: readonly string[],
  validity: CrlOptions | undefined,
): Promise<string> {
  const { thisUpdate = inDays(-1), nextUpdate = inDays(30) } = readOptions(crlBag, validity)
  const x509 = await library()
  const list = await x509.X509CrlGenerator.create(
    {
      issuer: signer.subject,
      thisUpdate,
      nextUpdate,
      signingAlgorithm: algorithms[signer.keyType],
      signingKey: signer.keys.privateKey,
      entries: serialNumbers.map((serialNumber) => ({ serialNumber, revocationDate: thisUpdate })),
    },
    webcrypto,
  )
  // OpenSSL does not read the library's label, CRL (RFC 7468 §6).
  return `-----BEGIN X509 CRL-----\n${lines(list.rawData)}\n-----END X509 CRL-----\n`
}

async function newKeys(keyType: KeyType): Promise<webcrypto.CryptoKeyPair> {
  // Both overloads return a pair. The key usages are those of a signature.
  return keyType === 'ec'
    ? webcrypto.subtle.generateKey(algorithms.ec, true, ['sign', 'verify'])
    : webcrypto.subtle.generateKey(algorithms.rsa, true, ['sign', 'verify'])
}

function keyTypeOf(keyPem: string): KeyType {
  return createPrivateKey(keyPem).asymmetricKeyType === 'rsa' ? 'rsa' : 'ec'
}

/** The key pair of a certificate that was issued before. */
async function keysIn(keyPem: string): Promise<webcrypto.CryptoKeyPair> {
  const pkcs8 = createPrivateKey(keyPem).export({ type: 'pkcs8', format: 'der' })
  const spki = createPublicKey(keyPem).export({ type: 'spki', format: 'der' })
  const algorithm = algorithms[keyTypeOf(keyPem)]
  return {
    privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
  }
}

/** 16 random bytes, positive and without a leading zero (RFC 5280 §4.1.2.2). */
function newSerialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}

/** Base64 in lines of 64 characters. */
function lines(der: ArrayBuffer): string {
  return Buffer.from(der)
    .toString('base64')
    .replaceAll(/.{64}(?=.)/g, '$&\n')
}

function pem(certificate: X509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`
}

function privatePem(keys: webcrypto.CryptoKeyPair): string {
  return KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** Escapes the special characters of a distinguished name (RFC 4514 §2.4). */
function escaped(name: string): string {
  return name.replaceAll(/[,+"\\<>;=#]/g, (character) => `\\${character}`)
}
