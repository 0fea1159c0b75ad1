import {
  type AuthorityOptions,
  type CertificateAuthority,
  type CertificateOptions,
  type CertificatesOptions,
  certificatesBag,
  type IssuedCertificate,
} from './certificate-options.js'
import { authority, inDays, issue } from './lib/issue.js'
import { readOptions, refuseMore } from './lib/options/option-spec.js'

/** The certificates that most tests need, from one call. */
export interface Certificates {
  ca: CertificateAuthority
  /** For 127.0.0.1 to 127.0.0.3, ::1 and localhost, or for the option `names`. */
  server: IssuedCertificate
  /** For `spiffe://test.example/client`. */
  client: IssuedCertificate
  /** The same as `server`, but it expired a day ago. */
  expired: IssuedCertificate
  /** The same as `server`, but it is valid from tomorrow on. */
  notYetValid: IssuedCertificate
  /** The same as `server`, but from another authority. */
  otherCa: IssuedCertificate
}

/** Makes a new self-signed root authority. */
export function createCertificateAuthority(options?: AuthorityOptions): Promise<CertificateAuthority>
export async function createCertificateAuthority(
  options?: AuthorityOptions,
  ...more: readonly unknown[]
): Promise<CertificateAuthority> {
  refuseMore('createCertificateAuthority', more)
  return authority(options, undefined)
}

/** Makes an authority and the certificates that most tests need. Takes about 60 ms, 160 ms the first time. */
export function createCertificates(options?: CertificatesOptions): Promise<Certificates>
export async function createCertificates(
  options?: CertificatesOptions,
  ...more: readonly unknown[]
): Promise<Certificates> {
  refuseMore('createCertificates', more)
  const { names, keyType } = readOptions(certificatesBag, options)
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

/** Makes an end certificate that is signed by its own key. */
export function createSelfSigned(options?: CertificateOptions): Promise<IssuedCertificate>
export async function createSelfSigned(
  options?: CertificateOptions,
  ...more: readonly unknown[]
): Promise<IssuedCertificate> {
  refuseMore('createSelfSigned', more)
  return issue(options, undefined)
}
