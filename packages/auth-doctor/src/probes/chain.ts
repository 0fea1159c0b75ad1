import { X509Certificate } from 'node:crypto'
import type { DetailedPeerCertificate } from 'node:tls'
import type { Address, Shaken } from '../protocol/dial.js'
import { shake } from '../protocol/dial.js'
import { acceptingAnything } from '../protocol/open.js'
import type { CertificateReport } from '../report.js'
import type { Run } from '../run.js'
import { certificateReport, isSelfSigned, isWeakKey, signatureOf } from './certificate.js'

/** Enough time to act. */
const soonDays = 14

/** More than any real chain has; the ones after that are not shown. */
const maxCertificates = 20

/** The certificates that a server sends, its own first: in the clear under TLS 1.2, otherwise as Node.js put them together. */
export async function chainOf(
  run: Run,
  at: Address,
  readable: Shaken | undefined,
): Promise<readonly X509Certificate[]> {
  const sent = readable && 'flight' in readable ? readable.flight.certificates : undefined
  if (sent && sent.length > 0) return parsed(sent)
  run.progress('asking for the certificates')
  const shaken = await shake(at, acceptingAnything, run.budget)
  if (shaken.kind !== 'secure') return []
  const peer = shaken.socket.getPeerCertificate(true)
  shaken.socket.destroy()
  return parsed(peer.raw ? linked(peer) : [])
}

function parsed(chain: readonly Buffer[]): X509Certificate[] {
  return chain.slice(0, maxCertificates).flatMap((raw) => {
    try {
      return [new X509Certificate(raw)]
    } catch {
      return [] // one that OpenSSL takes, and Node.js cannot show
    }
  })
}

function linked(peer: DetailedPeerCertificate): Buffer[] {
  const seen = new Set<DetailedPeerCertificate>()
  for (let next = peer; next?.raw && !seen.has(next); next = next.issuerCertificate) seen.add(next)
  return [...seen].map(({ raw }) => raw)
}

/** The certificates one by one, with what holds for each, no matter who trusts them. */
export function reportChain(run: Run, chain: readonly X509Certificate[]): readonly CertificateReport[] {
  const { findings, budget } = run
  const now = budget.clock.now()
  return chain.map((certificate) => {
    const report = certificateReport(certificate, now)
    const name = report.subject || report.names[0] || report.fingerprint256
    const day = report.validTo.slice(0, 10)
    // The signature of a root says nothing: a root is trusted without it.
    if (!isSelfSigned(certificate) && /SHA-1|MD5/.test(signatureOf(certificate))) {
      findings.add('CERTIFICATE_SIGNATURE_WEAK', `${name}: ${report.signature}.`)
    }
    if (isWeakKey(certificate)) findings.add('CERTIFICATE_KEY_WEAK', `${name}: ${report.key}.`)
    if (Date.parse(report.validTo) < now)
      findings.add('SERVER_CERTIFICATE_EXPIRED', `${name} expired on ${day}.`)
    else if (Date.parse(report.validFrom) > now) {
      findings.add('SERVER_CERTIFICATE_NOT_YET_VALID', `${name} is valid from ${report.validFrom} on.`)
    } else if (report.daysLeft <= soonDays && !isShortLived(report)) {
      findings.add('CERTIFICATE_EXPIRES_SOON', `${name} expires on ${day}, in ${report.daysLeft} days.`)
    }
    return report
  })
}

/** A machine renews a certificate that lasts only some days: a warning during its whole life would say nothing. */
function isShortLived({ validFrom, validTo, daysLeft }: CertificateReport): boolean {
  const lifeDays = (Date.parse(validTo) - Date.parse(validFrom)) / 86_400_000
  return lifeDays < 45 && daysLeft > lifeDays / 3
}
