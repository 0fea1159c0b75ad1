import { connect, type DetailedPeerCertificate } from 'node:tls'
import { type CertificateSummary, shownDate, summarizeDer } from '../../certificate.js'
import type { TlsErrorCode } from '../../errors.js'
import type { TlsProfile } from '../../profile.js'
import type { ExamineOptions, TlsDiagnosis } from '../../tls-diagnosis.js'
import { chainOf } from '../identity/peer-chain.js'
import { duration, initially, optionBag, readOptions, type Spec } from '../options/option-spec.js'
import { diagnosisText } from './diagnosis.js'

export const examineBag = optionBag('examineTlsError', {
  timeoutMs: initially(
    5_000,
    duration({ max: 2 ** 31 - 1 }),
    "The same as the driver's connectTimeout. If the server shows no certificate in that time, the result has none.",
  ),
} satisfies Spec<ExamineOptions>)

/** The certificates that a server shows, its own first; and our own roots. */
interface Shown {
  readonly chain: readonly CertificateSummary[]
  readonly roots: readonly CertificateSummary[]
}

/** A certificate that is at fault, and what to say about it. */
interface Fault {
  readonly certificate: CertificateSummary
  readonly summary: string
}

/** How to find the certificate at fault if a chain was refused. */
const searches: Readonly<Partial<Record<TlsErrorCode, (shown: Shown) => Fault | undefined>>> = {
  SERVER_CERTIFICATE_EXPIRED: (shown) =>
    outOfDate(shown, ({ validTo }) => validTo.getTime() < Date.now(), 'expired on', 'validTo'),
  SERVER_CERTIFICATE_NOT_YET_VALID: (shown) =>
    outOfDate(shown, ({ validFrom }) => validFrom.getTime() > Date.now(), 'is not valid before', 'validFrom'),
  UNKNOWN_CA: ({ chain }) => issuedBy(chain, 'which you do not trust'),
  SELF_SIGNED: ({ chain }) => issuedBy(chain, 'by itself'),
}

function outOfDate(
  { chain, roots }: Shown,
  isAtFault: (certificate: CertificateSummary) => boolean,
  verb: string,
  date: 'validFrom' | 'validTo',
): Fault | undefined {
  const [certificate] = [...chain, ...roots].filter(isAtFault)
  if (!certificate) return undefined
  const whose =
    certificate === chain[0]
      ? "The server's certificate"
      : chain.includes(certificate)
        ? "The certificate in the server's chain"
        : 'Your CA'
  return { certificate, summary: `${whose} ${certificate.name} ${verb} ${shownDate(certificate[date])}.` }
}

function issuedBy(chain: readonly CertificateSummary[], what: string): Fault | undefined {
  const [certificate] = chain
  const issuer = chain.at(-1)?.issuer
  if (!certificate || issuer === undefined) return undefined
  const summary = `The server's certificate ${certificate.name} was issued by ${issuer || 'a CA without a name'}, ${what}.`
  return { certificate, summary }
}

/** Adds the certificates at fault to a diagnosis. It stays unchanged if they cannot be obtained. */
export async function examined(
  found: TlsDiagnosis | undefined,
  sslOptions: object | null | undefined,
  options: ExamineOptions,
): Promise<TlsDiagnosis | undefined> {
  const { timeoutMs } = readOptions(examineBag, options)
  if (!found) return undefined
  const [first, ...others] = await Promise.all(
    [found, ...found.others].map((each) => withCertificate(each, sslOptions ?? {}, timeoutMs)),
  )
  return Object.freeze({ ...(first ?? found), others })
}

async function withCertificate(
  found: TlsDiagnosis,
  sslOptions: Partial<TlsProfile>,
  timeoutMs: number,
): Promise<TlsDiagnosis> {
  const search = searches[found.code]
  const [endpoint] = found.endpoints
  if (!search || endpoint === undefined || found.certificate) return found
  const chain = await shownBy(endpoint, sslOptions.servername, timeoutMs)
  // The problem may be our own root, at which the server's chain ends.
  const roots = chain.length > 0 ? (sslOptions.explain?.().trust?.ca ?? []) : []
  const fault = search({ chain, roots })
  if (!fault) return found
  const changed = { ...found, ...fault }
  return Object.freeze({ ...changed, text: diagnosisText(changed) })
}

/** The chain that a server shows in a handshake that verifies nothing. After the handshake no byte is sent. */
function shownBy(endpoint: string, servername: unknown, timeoutMs: number): Promise<CertificateSummary[]> {
  const at = endpoint.lastIndexOf(':')
  return new Promise((resolve) => {
    const socket = connect({
      host: endpoint.slice(0, at),
      port: Number(endpoint.slice(at + 1)),
      rejectUnauthorized: false,
      ...(typeof servername === 'string' && { servername }),
    })
    const end = (chain: CertificateSummary[]) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(chain)
    }
    const timer = setTimeout(end, timeoutMs, [])
    socket.on('error', () => end([]))
    socket.once('close', () => end([]))
    socket.once('secureConnect', () => end(summaries(socket.getPeerCertificate(true))))
  })
}

function summaries(peer: DetailedPeerCertificate): CertificateSummary[] {
  try {
    return chainOf(peer).map(({ raw }) => summarizeDer(raw))
  } catch {
    return [] // no certificate at all, or one that OpenSSL accepts and Node.js cannot show
  }
}
