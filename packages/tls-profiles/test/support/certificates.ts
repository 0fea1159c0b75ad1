import { randomBytes, webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
  X509CrlReason,
} from '@peculiar/x509'

const ec = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const dayMs = 86_400_000
type KeyPair = webcrypto.CryptoKeyPair

export interface IssueOptions {
  commonName?: string
  /** IP addresses, DNS names and URIs, distinguished by their form. */
  names?: string[]
  validFrom?: Date
  validTo?: Date
  /** Instead of `names`, in any form. */
  alternatives?: JsonGeneralName[]
  usage?: 'server' | 'client'
  keyUsage?: KeyUsageFlags
  /** The key of another certificate: a renewal keeps it. */
  keys?: KeyPair
  /** In addition to the usual ones. */
  extensions?: Extension[]
  /** Instead of those of an authority. */
  authority?: Extension[]
  /** RSA of this many bits instead of P-256. */
  rsaBits?: number
}

/** A certificate with its key, in PEM. */
export interface Issued {
  cert: string
  key: string
  x509: X509Certificate
  keys: KeyPair
}

/** An authority made for one test. */
export interface Authority extends Issued {
  issue(options?: IssueOptions): Promise<Issued>
  intermediate(commonName: string, options?: IssueOptions): Promise<Authority>
  revoke(...issued: Issued[]): Promise<string>
  /** A revocation list that is valid between these times. */
  crl(thisUpdate: Date, nextUpdate: Date, ...issued: Issued[]): Promise<string>
}

export async function createAuthority(
  commonName = 'Test CA',
  options: IssueOptions = {},
): Promise<Authority> {
  const keys = options.keys ?? (await keyPair(options.rsaBits))
  const x509 = await X509CertificateGenerator.createSelfSigned({
    name: subject(commonName),
    keys,
    serialNumber: serial(),
    ...validity(options),
    signingAlgorithm: signing(options.rsaBits),
    extensions: options.authority ?? authorityExtensions(),
  })
  return authority(x509, keys)
}

async function authority(x509: X509Certificate, keys: KeyPair): Promise<Authority> {
  const sign = (
    name: string,
    publicKey: webcrypto.CryptoKey,
    extensions: Extension[],
    options: IssueOptions,
  ) =>
    X509CertificateGenerator.create({
      subject: name,
      issuer: x509.subject,
      publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ec,
      serialNumber: serial(),
      ...validity(options),
      extensions,
    })
  return {
    ...(await pemOf(x509, keys)),
    async issue(options = {}) {
      const own = options.keys ?? (await keyPair(options.rsaBits))
      const cert = await sign(
        subject(options.commonName ?? 'node'),
        own.publicKey,
        leafExtensions(options),
        options,
      )
      return pemOf(cert, own)
    },
    async intermediate(commonName, options = {}) {
      const own = options.keys ?? (await keyPair())
      const extensions = [...(options.authority ?? authorityExtensions()), ...(options.extensions ?? [])]
      return authority(await sign(subject(commonName), own.publicKey, extensions, options), own)
    },
    revoke: (...issued) => crl(new Date(Date.now() - dayMs), new Date(Date.now() + dayMs), ...issued),
    crl,
  }

  async function crl(thisUpdate: Date, nextUpdate: Date, ...issued: Issued[]): Promise<string> {
    const list = await X509CrlGenerator.create({
      issuer: x509.subject,
      thisUpdate,
      nextUpdate,
      entries: issued.map((each) => ({
        serialNumber: each.x509.serialNumber,
        revocationDate: new Date(Date.now() - dayMs),
        reason: X509CrlReason.keyCompromise,
      })),
      signingAlgorithm: ec,
      signingKey: keys.privateKey,
    })
    return `${PemConverter.encode(list.rawData, 'X509 CRL')}\n` // RFC 7468 §6; the library itself says CRL
  }
}

/** A self-signed certificate that is not an authority. */
export async function selfSigned(options: IssueOptions = {}): Promise<Issued> {
  const keys = options.keys ?? (await keyPair(options.rsaBits))
  const x509 = await X509CertificateGenerator.createSelfSigned({
    name: subject(options.commonName ?? 'alone'),
    keys,
    serialNumber: serial(),
    ...validity(options),
    signingAlgorithm: signing(options.rsaBits),
    extensions: leafExtensions(options),
  })
  return pemOf(x509, keys)
}

/** An empty name is an empty subject. */
function subject(commonName: string): string {
  return commonName && `CN=${commonName}`
}

function authorityExtensions(): Extension[] {
  return [
    new BasicConstraintsExtension(true, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
  ]
}

function leafExtensions(options: IssueOptions): Extension[] {
  const { names = ['127.0.0.1'], usage, keyUsage } = options
  const alternatives = options.alternatives ?? names.map(generalName)
  const purposes = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' }
  return [
    new BasicConstraintsExtension(false, undefined, true),
    ...(keyUsage === undefined ? [] : [new KeyUsagesExtension(keyUsage, true)]),
    ...(usage ? [new ExtendedKeyUsageExtension([purposes[usage]])] : []),
    ...(alternatives.length > 0 ? [new SubjectAlternativeNameExtension(alternatives)] : []),
    ...(options.extensions ?? []),
  ]
}

function generalName(value: string): JsonGeneralName {
  if (value.includes('://')) return { type: 'url', value }
  return { type: /^[0-9.]+$|:/.test(value) ? 'ip' : 'dns', value }
}

function validity({ validFrom, validTo }: IssueOptions) {
  return {
    notBefore: validFrom ?? new Date(Date.now() - dayMs),
    notAfter: validTo ?? new Date(Date.now() + 365 * dayMs),
  }
}

function keyPair(rsaBits?: number): Promise<KeyPair> {
  const algorithm = rsaBits
    ? {
        name: 'RSASSA-PKCS1-v1_5',
        hash: 'SHA-256',
        modulusLength: rsaBits,
        publicExponent: new Uint8Array([1, 0, 1]),
      }
    : ec
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<KeyPair>
}

function signing(rsaBits?: number) {
  return rsaBits ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } : ec
}

function serial(): string {
  return `10${randomBytes(14).toString('hex')}` // a high first bit would be encoded differently in a list of revoked ones
}

async function pemOf(x509: X509Certificate, keys: KeyPair): Promise<Issued> {
  const der = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    x509,
    keys,
    cert: `${x509.toString('pem')}\n`,
    key: `${PemConverter.encode(der, 'PRIVATE KEY')}\n`,
  }
}
