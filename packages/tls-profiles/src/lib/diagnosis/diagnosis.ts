import type { PeerCertificate } from 'node:tls'
import { type CertificateSummary, shownDate, summarizeDer } from '../../certificate.js'
import { type ErrorRow, errorTable, isError, isTlsError, type TlsErrorCode } from '../../errors.js'
import type { TlsProfile } from '../../profile.js'
import { profileRecordOf } from '../../profile-record.js'
import type { TlsDiagnosis } from '../../tls-diagnosis.js'
import { quotable } from '../quotable.js'
import { opensslCode, tlsFailureCode, whoKnowsMore } from '../tls-failures.js'

/** What is known of the client beyond the error. */
interface Circumstances {
  /** Whether TLS was in use; undefined if unknown. */
  readonly tls: boolean | undefined
  /** Whether the client had a certificate to send; undefined if unknown. */
  readonly sentCertificate: boolean | undefined
  /** Whether the user chose cipher suites: then it may have none in common with the server. */
  readonly choseCiphers: boolean
}

/** See explainTlsError. */
export function diagnose(error: unknown, sslOptions?: object | null): TlsDiagnosis | undefined {
  const circumstances = circumstancesOf(sslOptions)
  const found = new Map<string, Finding & { endpoints: string[] }>()
  for (const { code, cause, endpoint } of findingsIn(error, circumstances)) {
    const same = found.get(code) ?? { code, cause, endpoint, endpoints: [] }
    if (endpoint !== undefined) same.endpoints.push(endpoint)
    found.set(code, same)
  }
  const [first, ...others] = [...found.values()].map((each) => diagnosisOf(each))
  return first && Object.freeze({ ...first, others })
}

function circumstancesOf(sslOptions: object | null | undefined): Circumstances {
  if (sslOptions === undefined) return { tls: undefined, sentCertificate: undefined, choseCiphers: false }
  if (sslOptions === null) return { tls: false, sentCertificate: false, choseCiphers: false }
  const { cert, pfx, secureContext, ciphers, explain } = sslOptions as Record<string, unknown>
  const record = profileRecordOf(sslOptions)
  if (record) {
    const unseen = record.profile === 'fromSecureContext' && record.sendsClientCertificate
    const sentCertificate = unseen ? undefined : record.sendsClientCertificate
    const explained = typeof explain === 'function' ? (sslOptions as TlsProfile).explain() : undefined
    return { tls: true, sentCertificate, choseCiphers: explained?.ciphers !== undefined }
  }
  const sent = cert !== undefined || pfx !== undefined
  const sentCertificate = secureContext === undefined ? sent : undefined
  return { tls: true, sentCertificate, choseCiphers: ciphers !== undefined }
}

interface Finding {
  readonly code: TlsErrorCode
  readonly cause: Error
  readonly endpoint: string | undefined
}

const deepest = 8

/**
 * Finds the problems in an error. The errors inside it come first (the driver has one for each host). Only if they show
 * no problem, the error itself is examined, because the driver repeats the first host's message in its own.
 */
function findingsIn(error: unknown, client: Circumstances, endpoint?: string, depth = 0): Finding[] {
  if (!isError(error) || depth > deepest) return []
  const { innerErrors, innerError, cause, errors } = error as Error & Record<string, unknown>
  const perHost = Object.entries((innerErrors ?? {}) as Record<string, unknown>)
  // The TlsError already covers the error that it was made from.
  const others = isTlsError(error) ? [] : [innerError, cause, ...(Array.isArray(errors) ? errors : [])]
  const inside = [
    ...perHost.flatMap(([host, inner]) => findingsIn(inner, client, host, depth + 1)),
    ...others.flatMap((inner) => findingsIn(inner, client, endpoint, depth + 1)),
  ]
  if (inside.length > 0) return inside
  const code = codeOf(error, client)
  return code ? [{ code, cause: error, endpoint }] : []
}

/**
 * A server that requires TLS closes a plain connection, or sends an alert. The driver notices the close only at its
 * time-out, and takes the alert for a frame.
 */
const silence = /^OperationTimedOutError|Socket was closed|wrong streamId/

/**
 * The alert handshake_failure. With TLS 1.2 a server sends only this if it gets no client certificate, and also if
 * there is no common cipher suite. If the client sent no certificate and has the suites of Node.js, the first is the
 * reason.
 */
const vague = /ALERT_HANDSHAKE_FAILURE/

/** The message of Node.js if a connection ends before its handshake has ended. */
const unestablished = /before secure TLS connection was established/

/** The alert internal_error. Cassandra 5.0 (BoringSSL) sends it if its trust manager refuses a certificate. */
const internal = /ALERT_INTERNAL_ERROR/

function codeOf(error: Error, client: Circumstances): TlsErrorCode | undefined {
  if (isTlsError(error)) return error.code
  const { name, message } = error
  const { tls, sentCertificate, choseCiphers } = client
  const given = (error as NodeJS.ErrnoException).code
  const code = typeof given === 'string' ? opensslCode(given, message) : ''
  const found = tlsFailureCode(code, message)
  const sentNone = sentCertificate === false
  if (found === 'CLIENT_CERTIFICATE_REFUSED' && sentNone) return 'CLIENT_CERTIFICATE_REQUIRED'
  if (vague.test(code) && sentNone && !choseCiphers) return 'CLIENT_CERTIFICATE_REQUIRED'
  if (internal.test(code) && sentCertificate) return 'CLIENT_CERTIFICATE_REFUSED'
  if (found) return found
  if (code === 'ECONNRESET' && unestablished.test(message)) return 'CONNECTION_CLOSED'
  if (tls === true && ['ECONNRESET', 'EPIPE', 'ECONNABORTED'].includes(code)) return 'CONNECTION_CLOSED'
  if (tls === true && message === 'Connection timeout') return 'CONNECT_TIMEOUT'
  if (tls === false && (silence.test(`${name} ${message}`) || code === 'ECONNRESET'))
    return 'SERVER_SPEAKS_TLS'
  return undefined
}

function diagnosisOf({
  code,
  cause,
  endpoints,
}: {
  code: TlsErrorCode
  cause: Error
  endpoints: readonly string[]
}): TlsDiagnosis {
  const { fault, remedy, summary: general }: ErrorRow = errorTable[code]
  const certificate = isTlsError(cause) ? cause.certificate : peerOf(cause)
  const summary = isTlsError(cause) ? cause.message.replace(` ${remedy}`, '') : sentence(code, general, cause)
  const text = diagnosisText({ endpoints, summary, remedy, code })
  return Object.freeze({ code, fault, summary, remedy, endpoints, certificate, cause, others: [], text })
}

/** The text of a diagnosis for a reader. */
export function diagnosisText({
  endpoints,
  summary,
  remedy,
  code,
}: Pick<TlsDiagnosis, 'endpoints' | 'summary' | 'remedy' | 'code'>): string {
  const where = endpoints.length > 0 ? `${endpoints.join(', ')}: ` : ''
  return `${where}${summary} ${remedy} (${code})`
}

/** Codes for which OpenSSL's own text says more than the code. */
const worded: readonly TlsErrorCode[] = ['SERVER_CERTIFICATE_UNFIT', 'CRL_UNUSABLE', 'HANDSHAKE_FAILED']

/** The error of Node.js for a name that does not match has the certificate. */
function peerOf(error: Error): CertificateSummary | undefined {
  const { cert } = error as { cert?: PeerCertificate }
  try {
    return cert?.raw ? summarizeDer(cert.raw) : undefined
  } catch {
    return undefined // another library's error with another kind of `cert`
  }
}

function sentence(code: TlsErrorCode, general: string, cause: Error): string {
  if (code === 'CLIENT_CERTIFICATE_REQUIRED' && vague.test((cause as NodeJS.ErrnoException).code ?? '')) {
    return 'The server refused the handshake; most likely it requires a client certificate, and none was sent.'
  }
  if (code === 'CLIENT_CERTIFICATE_REFUSED' && internal.test((cause as NodeJS.ErrnoException).code ?? '')) {
    return 'The server broke off the handshake; most likely it refused our client certificate.'
  }
  if (worded.includes(code)) return `${general.slice(0, -1)}: OpenSSL says "${quotable(cause.message)}".`
  if (code !== 'NAME_MISMATCH')
    return outOfDate(code, peerOf(cause)) ?? withAdvice(general, whoKnowsMore(code))
  const { host } = cause as { host?: string }
  const names = peerOf(cause)?.names.join(', ')
  return `The server's certificate is not for ${host === undefined ? 'the name expected' : quotable(host)}; its names are: ${names || 'none'}.`
}

/** The summary for an error that has the certificate. */
function outOfDate(code: TlsErrorCode, certificate: CertificateSummary | undefined): string | undefined {
  if (!certificate) return undefined
  const { name, validFrom, validTo } = certificate
  const whose = `The server's certificate ${name}`
  if (code === 'SERVER_CERTIFICATE_EXPIRED' && validTo.getTime() < Date.now())
    return `${whose} expired on ${shownDate(validTo)}.`
  if (code === 'SERVER_CERTIFICATE_NOT_YET_VALID' && validFrom.getTime() > Date.now())
    return `${whose} is not valid before ${shownDate(validFrom)}.`
  return undefined
}

function withAdvice(summary: string, advice: string | undefined): string {
  return advice === undefined ? summary : `${summary} ${advice}`
}
