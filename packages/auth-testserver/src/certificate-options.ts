import { dateOption, textsOption } from './lib/options/common-options.js'
import { initially, oneOf, optionBag, type Spec, some, text } from './lib/options/option-spec.js'

/** Kind of a key pair: `ec` is P-256 with SHA-256, `rsa` 2048 bits with SHA-256 (PKCS #1 v1.5). */
export type KeyType = 'ec' | 'rsa'

/** Validity of a certificate. */
export interface Validity {
  /** Default: a day ago. */
  notBefore?: Date | undefined
  /** Default: in a year. */
  notAfter?: Date | undefined
}

/** What an issued certificate says. */
export interface CertificateOptions extends Validity {
  /** Subject alternative names, IP addresses and DNS names. Default none. */
  names?: readonly string[] | undefined
  /** URIs among the subject alternative names, as `spiffe://test.example/app`. Default none. */
  uris?: readonly string[] | undefined
  /** Default: the first name or URI, else `test`. `false`: no subject at all, as SPIFFE and ACME issue certificates. */
  commonName?: string | false | undefined
  /** The certificate that this one renews: its key is kept and defines `keyType`. Default: a new key. */
  renews?: IssuedCertificate | undefined
  /** Extended key usage. Default `client` if there are URIs, else `server`. */
  usage?: 'server' | 'client' | 'both' | undefined
  /** Default `ec`. */
  keyType?: KeyType | undefined
}

/** Options of a new authority. */
export interface AuthorityOptions extends Validity {
  /** Common name. Default `Test CA`. */
  name?: string | undefined
  /** Default `ec`. */
  keyType?: KeyType | undefined
}

/** When a revocation list is in force. */
export interface CrlOptions {
  /** Default: a day ago. */
  thisUpdate?: Date | undefined
  /** Default: in 30 days. */
  nextUpdate?: Date | undefined
}

/** Options of `createCertificates`. */
export interface CertificatesOptions {
  /** Names of the server. Default 127.0.0.1 to 127.0.0.3, ::1 and localhost. */
  names?: readonly string[] | undefined
  /** Default `ec`. */
  keyType?: KeyType | undefined
}

const keyTypeOption = initially('ec', oneOf('ec', 'rsa'), 'Made much faster than one of RSA.')
const validity = { notBefore: dateOption, notAfter: dateOption } satisfies Spec<Validity>

export const certificateBag = optionBag('issue or createSelfSigned', {
  ...validity,
  names: initially(
    [],
    textsOption('a list of names and IP addresses'),
    'A certificate of a client has none.',
  ),
  uris: initially([], textsOption('a list of URIs'), 'A certificate of a server has none.'),
  commonName: some<string | false>(
    'a name, or false for no subject',
    (value) => value === false || (typeof value === 'string' && value !== ''),
  ),
  renews: some<IssuedCertificate>(
    'an issued certificate',
    (value) => typeof (value as IssuedCertificate | null)?.keyPem === 'string',
  ),
  usage: oneOf('server', 'client', 'both'),
  keyType: keyTypeOption,
} satisfies Spec<CertificateOptions>)

export const authorityBag = optionBag('createCertificateAuthority or intermediate', {
  ...validity,
  name: text('a name'),
  keyType: keyTypeOption,
} satisfies Spec<AuthorityOptions>)

export const crlBag = optionBag('crl', {
  thisUpdate: dateOption,
  nextUpdate: dateOption,
} satisfies Spec<CrlOptions>)

export const certificatesBag = optionBag('createCertificates', {
  names: initially(
    ['127.0.0.1', '127.0.0.2', '127.0.0.3', '::1', 'localhost'],
    textsOption('a list of names and IP addresses'),
    'Where a test server can listen.',
    '127.0.0.1 to 127.0.0.3, ::1 and localhost',
  ),
  keyType: keyTypeOption,
} satisfies Spec<CertificatesOptions>)

/** A certificate with its key. */
export interface IssuedCertificate {
  /** The certificate alone, PEM. */
  certPem: string
  /** Its private key, PKCS #8 PEM, not encrypted. */
  keyPem: string
  /** The certificate and the intermediate authorities above it, as a TLS server or client sends them. */
  chainPem: string
  /** Hexadecimal, as `crl` takes it. */
  serialNumber: string
}

/** An authority that issues any certificate that a test needs, good or bad. */
export interface CertificateAuthority {
  /** This authority's own certificate, PEM. */
  readonly certPem: string
  readonly keyPem: string
  /** The certificate of the root, PEM: what a client trusts. */
  readonly root: { readonly certPem: string }
  /** Issues an end certificate. */
  issue(options?: CertificateOptions): Promise<IssuedCertificate>
  /** Makes an authority below this one. */
  intermediate(options?: AuthorityOptions): Promise<CertificateAuthority>
  /** A certificate revocation list with these serial numbers, PEM; in force from a day ago for 30 days. */
  crl(serialNumbers: readonly string[], validity?: CrlOptions): Promise<string>
}
