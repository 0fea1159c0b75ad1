import {
  type CertificateAuthority,
  createCertificateAuthority,
  createCertificates,
  createSelfSigned,
  type IssuedCertificate,
} from '@x/auth-testserver'

/** Every certificate that the clauses need, good and bad. */
export interface SuiteCertificates {
  readonly ca: CertificateAuthority
  /** An authority that nobody has asked to trust. */
  readonly stranger: CertificateAuthority
  readonly client: IssuedCertificate
  readonly servers: Readonly<
    Record<'good' | 'ofStranger' | 'selfSigned' | 'expired' | 'notYetValid' | 'otherName', IssuedCertificate>
  >
}

const names = ['127.0.0.1', 'localhost']
let made: Promise<SuiteCertificates> | undefined

/** Made once for a process: a fifth of a second. */
export function suiteCertificates(): Promise<SuiteCertificates> {
  made ??= makeCertificates()
  return made
}

async function makeCertificates(): Promise<SuiteCertificates> {
  const stranger = await createCertificateAuthority({ name: 'An authority that nobody trusts' })
  const { ca, client, server, expired, notYetValid } = await createCertificates({ names })
  const [ofStranger, selfSigned, otherName] = await Promise.all([
    stranger.issue({ names }),
    createSelfSigned({ names }),
    ca.issue({ names: ['192.0.2.1', 'db.example.org'] }),
  ])
  return {
    ca,
    stranger,
    client,
    servers: { good: server, ofStranger, selfSigned, expired, notYetValid, otherName },
  }
}
