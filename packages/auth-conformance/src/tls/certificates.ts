import {
  type CertificateAuthority,
  type CertificateOptions,
  createCertificateAuthority,
  createCertificates,
  createSelfSigned,
  type IssuedCertificate,
} from '@x/auth-testserver'

/** Every certificate that the clauses need, good and bad. */
export interface SuiteCertificates {
  readonly ca: CertificateAuthority
  /** An authority that the subject does not trust. */
  readonly stranger: CertificateAuthority
  /** Makes a new client certificate, issued by an authority between the root and the clients. */
  newClient(options?: CertificateOptions): Promise<IssuedCertificate>
  readonly servers: Readonly<
    Record<
      | 'good'
      | 'ofStranger'
      | 'selfSigned'
      | 'expired'
      | 'notYetValid'
      | 'otherName'
      | 'onlyCommonName'
      | 'withoutSubject',
      IssuedCertificate
    >
  >
}

/** The trusted servers: their address, and a name that is also in their certificate. */
export const serverIdentity = { address: '127.0.0.1', name: 'localhost' } as const

const names = Object.values(serverIdentity)
let made: Promise<SuiteCertificates> | undefined

/** Made once for each process, because it takes a fifth of a second. */
export function suiteCertificates(): Promise<SuiteCertificates> {
  made ??= makeCertificates()
  return made
}

async function makeCertificates(): Promise<SuiteCertificates> {
  const stranger = await createCertificateAuthority({ name: 'An authority that nobody trusts' })
  const { ca, server, expired, notYetValid } = await createCertificates({ names })
  const [between, ofStranger, selfSigned, otherName, onlyCommonName, withoutSubject] = await Promise.all([
    ca.intermediate({ name: 'An authority for clients' }),
    stranger.issue({ names }),
    createSelfSigned({ names }),
    ca.issue({ names: ['192.0.2.1', 'db.example.org'] }),
    ca.issue({ names: ['192.0.2.1'], commonName: serverIdentity.name }),
    ca.issue({ names, commonName: false }),
  ])
  return {
    ca,
    stranger,
    newClient: (options = {}) => between.issue({ uris: ['spiffe://test.example/client'], ...options }),
    servers: {
      good: server,
      ofStranger,
      selfSigned,
      expired,
      notYetValid,
      otherName,
      onlyCommonName,
      withoutSubject,
    },
  }
}
