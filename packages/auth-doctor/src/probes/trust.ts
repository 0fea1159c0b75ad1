import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import { explainTlsError, mutual, type TlsProfile, verifyServer } from '@x/tls-profiles'
import type { TlsReport } from '../report.js'
import type { Run } from '../run.js'
import { isIssuedBy, isSelfSigned } from './certificate.js'
import type { Service } from './service.js'

/** What the profile of this run has to verify. */
export interface ProfileChoice {
  readonly hostname: string | false
  /** Whether the server speaks nothing older than TLS 1.3. */
  readonly tls13: boolean
}

/** The options of verifyServer or mutual, as this run uses them and as the code to paste shows them. */
export type ProfileOptions = Readonly<Record<string, unknown>>

/** Whom the user trusts, and who the user is. */
export interface Trust {
  /** Whether anything says whom to trust: a CA, or a service whose CA is public. */
  readonly isGiven: boolean
  readonly sendsCertificate: boolean
  /** The profile, or undefined with a finding that says why there is none. */
  profile(choice: ProfileChoice): TlsProfile | undefined
  /** Its options without the passphrase. */
  options(choice: ProfileChoice): ProfileOptions
  /** The CA at which this certificate ends. */
  anchorOf(top: X509Certificate): TlsReport['trustedBy']
}

/** Made from what the user gave. The passphrase is asked for once. */
export async function trustOf(run: Run, service: Service | undefined): Promise<Trust> {
  const { given, findings } = run
  const { ca, crl, cert, key, pfx } = given
  const sendsCertificate = cert !== undefined || pfx !== undefined
  const passphrase = await given.passphrase?.()
  const options = ({ hostname, tls13 }: ProfileChoice): ProfileOptions => ({
    ...(ca.length > 0 ? { ca: ca.length === 1 ? ca[0] : ca } : { systemRoots: true }),
    ...(crl.length > 0 && { crl: crl.length === 1 ? crl[0] : crl }),
    ...(hostname !== 'address' && { hostname }),
    ...(cert !== undefined && { cert, key }),
    ...(pfx !== undefined && { pfx }),
    ...(sendsCertificate && tls13 && { maxVersion: 'TLSv1.3' }),
  })
  const build = (choice: ProfileChoice): TlsProfile => {
    const read = { ...options(choice), watch: false, ...(passphrase !== undefined && { passphrase }) }
    const make = (sendsCertificate ? mutual : verifyServer) as (options: object) => TlsProfile
    return make(read)
  }
  return {
    isGiven: ca.length > 0 || service?.publicRoots === true,
    sendsCertificate,
    options,
    profile(choice) {
      try {
        return build(choice)
      } catch (error) {
        const diagnosis = explainTlsError(error)
        if (!diagnosis) throw error
        findings.addTls(diagnosis)
        return undefined
      }
    },
    anchorOf(top) {
      const own = ca.flatMap(certificatesIn)
      const from = own.length > 0 ? 'ca' : 'system roots'
      const anchors = own.length > 0 ? own : rootCertificates.map((pem) => new X509Certificate(pem))
      const found = anchors.find((each) => each.raw.equals(top.raw) || isIssuedBy(top, each))
      return found && { subject: found.subject.split('\n').join(', '), from }
    },
  }
}

/** The certificates of a PEM file; the profile reads a store, and OpenSSL judges it. */
export function certificatesIn(file: string): X509Certificate[] {
  try {
    const blocks = readFileSync(file, 'latin1').match(
      /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
    )
    return (blocks ?? []).map((pem) => new X509Certificate(pem))
  } catch {
    return []
  }
}

/** Whether one of these has the issuer's name and another key: the CA was then created again. */
export function hasNamesake(top: X509Certificate, files: readonly string[]): boolean {
  return !isSelfSigned(top) && files.flatMap(certificatesIn).some(({ subject }) => subject === top.issuer)
}
