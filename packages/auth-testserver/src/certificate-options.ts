import { dateOption, textsOption } from './lib/options/common-options.js'
import { initially, oneOf, optionBag, type Spec, some, text } from './lib/options/option-spec.js'

/** The kind of a key pair. `ec`: P-256 with SHA-256. `rsa`: 2048 bits with SHA-256 (PKCS #1 v1.5). */
export type KeyType = 'ec' | 'rsa'

/** Validity of a certificate. */
export interface Validity {
  /** Start of the validity. Default: a day ago. */
  notBefore?: Date | undefined
  /** End of the validity. Default: in a year. */
  notAfter?: Date | undefined
}

/** The content of a certificate that is issued. */
export interface CertificateOptions extends Validity {
  /** Subject alternative names, IP addresses and DNS names. Default none. */
  names?: readonly string[] | undefined
  /** URIs among the subject alternative names, such as `spiffe://test.example/app`. Default none. */
  uris?: readonly string[] | undefined
  /**
   * The common name. Default: the first name or URI, or else `test`. `false`: no subject at all, as in certificates of
   * SPIFFE and ACME.
   */
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

/** When a revocation list is valid. */
export interface CrlOptions {
  /** Start of the validity. Default: a day ago. */
  thisUpdate?: Date | undefined
  /** End of the validity. Default: in 30 days. */
  nextUpdate?: Date | undefined
}

/** Options of `createCertificates`. */
export interface CertificatesOptions {
  /** Names of the server's certificate. Default 127.0.0.1 to 127.0.0.3, ::1 and localhost. */
  names?: readonly string[] | undefined
  /** Default `ec`. */
  keyType?: KeyType | undefined
}

const keyTypeOption = initially('ec', oneOf('ec', 'rsa'), 'An EC key is made much faster than an RSA key.')
const validity = { notBefore: dateOption, notAfter: dateOption } satisfies Spec<Validity>

export const certificateBag = optionBag('issue or createSelfSigned', {
  ...validity,
  names: initially(
    [],
    textsOption('a list of names and IP addresses'),
    'The certificate of a client has none.',
  ),
  uris: initially([], textsOption('a list of URIs'), 'The certificate of a server has none.'),
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
    'A test server can listen on these.',
    '127.0.0.1 to 127.0.0.3, ::1 and localhost',
  ),
  keyType: keyTypeOption,
} satisfies Spec<CertificatesOptions>)

/** A certificate with its key. */
export interface IssuedCertificate {
  /** The certificate, PEM, without the authorities above it. */
  certPem: string
  /** The private key, PKCS #8 in PEM, not encrypted. */
  keyPem: string
  /** The certificate and the intermediate authorities above it, as a TLS server or client sends them. */
  chainPem: string
  /** The serial number in hexadecimal, as `crl` takes it. */
  serialNumber: string
}

/** An authority that issues any certificate that a test needs, good or bad. */
export interface CertificateAuthority {
  /** This authority's own certificate, PEM. */
  readonly certPem: string
  readonly keyPem: string
  /** The certificate of the root, PEM. A client trusts this one. */
  readonly root: { readonly certPem: string }
  /** Issues an end certificate. */
  issue(options?: CertificateOptions): Promise<IssuedCertificate>
  /** Makes an authority below this one. */
  intermediate(options?: AuthorityOptions): Promise<CertificateAuthority>
  /**
   * Makes a certificate revocation list with these serial numbers, PEM. By default it is valid from a day ago until in
   * 30 days.
   */
  crl(serialNumbers: readonly string[], validity?: CrlOptions): Promise<string>
}
