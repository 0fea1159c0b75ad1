import { authority, inDays, issue } from './lib/issue.js'

/** Kind of a key pair: `ec` is P-256 with SHA-256, `rsa` 2048 bits with SHA-256 (PKCS #1 v1.5). */
export type KeyType = 'ec' | 'rsa'

/** Validity of a certificate. */
export interface Validity {
  /** Default: a day ago. */
  notBefore?: Date
  /** Default: in a year. */
  notAfter?: Date
}

/** What an issued certificate says. */
export interface CertificateOptions extends Validity {
  /** Subject alternative names: IP addresses and DNS names are told apart. Default none. */
  names?: readonly string[]
  /** URIs among the subject alternative names, as `spiffe://test.example/app`. Default none. */
  uris?: readonly string[]
  /** Default: the first name or URI, else `test`. */
  commonName?: string
  /** Extended key usage. Default `client` where there are URIs, else `server`. */
  usage?: 'server' | 'client' | 'both'
  /** Default `ec`. */
  keyType?: KeyType
}

/** Options of a new authority. */
export interface AuthorityOptions extends Validity {
  /** Common name. Default `Test CA`. */
  name?: string
  /** Default `ec`. */
  keyType?: KeyType
}

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

/** An authority that issues whatever a test needs, good or bad. */
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
  crl(serialNumbers: readonly string[], validity?: { thisUpdate?: Date; nextUpdate?: Date }): Promise<string>
}

/** What most tests want, from one call. */
export interface Certificates {
  ca: CertificateAuthority
  /** For 127.0.0.1 to 127.0.0.3, ::1 and localhost, or the names asked for. */
  server: IssuedCertificate
  /** For `spiffe://test.example/client`. */
  client: IssuedCertificate
  /** As `server`, but it ended a day ago. */
  expired: IssuedCertificate
  /** As `server`, but it starts tomorrow. */
  notYetValid: IssuedCertificate
  /** As `server`, from an authority that nobody trusts. */
  otherCa: IssuedCertificate
}

/** A new self-signed root authority. */
export async function createCertificateAuthority(
  options: AuthorityOptions = {},
): Promise<CertificateAuthority> {
  return authority(options, undefined)
}

/** An authority and the certificates that most tests want; about 60 ms, 160 ms the first time. */
export async function createCertificates({
  names = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '::1', 'localhost'],
  keyType = 'ec',
}: {
  names?: readonly string[]
  keyType?: KeyType
} = {}): Promise<Certificates> {
  const [ca, stranger] = await Promise.all([
    createCertificateAuthority({ keyType }),
    createCertificateAuthority({ name: 'Other CA', keyType }),
  ])
  const [server, client, expired, notYetValid, otherCa] = await Promise.all([
    ca.issue({ names, keyType }),
    ca.issue({ uris: ['spiffe://test.example/client'], keyType }),
    ca.issue({ names, keyType, notBefore: inDays(-30), notAfter: inDays(-1) }),
    ca.issue({ names, keyType, notBefore: inDays(1), notAfter: inDays(30) }),
    stranger.issue({ names, keyType }),
  ])
  return { ca, server, client, expired, notYetValid, otherCa }
}

/** An end certificate that is signed by its own key. */
export async function createSelfSigned(options: CertificateOptions = {}): Promise<IssuedCertificate> {
  return issue(options, undefined)
}
