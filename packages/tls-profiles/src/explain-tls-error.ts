import type { PeerCertificate } from 'node:tls'
import { type CertificateSummary, summarizeDer } from './certificate.js'
import { type ErrorRow, errorTable, type Fault, isError, isTlsError, type TlsErrorCode } from './errors.js'
import type { TlsProfile } from './profile.js'
import { profileRecordOf } from './profile-record.js'

/** What went wrong with TLS on one or more connections, and what to do about it. */
export interface TlsDiagnosis {
  readonly code: TlsErrorCode
  readonly fault: Fault
  /** One sentence; with the names that the certificate has, where that is the point. */
  readonly summary: string
  readonly remedy: string
  /** `ip:port` of the hosts that failed like this, where the driver says so. */
  readonly endpoints: readonly string[]
  /** The server's certificate, where Node.js hands it out: when the name or a pin did not match. */
  readonly certificate: CertificateSummary | undefined
  /** The error underneath, as Node.js or OpenSSL gave it. */
  readonly cause: Error
  /** What went wrong at other hosts, where that is something else. */
  readonly others: readonly TlsDiagnosis[]
  /** All of it, to read. */
  readonly text: string
}

/** What is known of the client beyond the error. */
interface Circumstances {
  /** Whether TLS was in use; undefined if unknown. */
  readonly tls: boolean | undefined
  /** Whether a client certificate was there to be sent; undefined if unknown. */
  readonly sentCertificate: boolean | undefined
  /** Whether the user chose cipher suites, so that there may be none in common with the server. */
  readonly choseCiphers: boolean
}

/**
 * Says what is wrong with TLS. Takes any error of the driver (`NoHostAvailableError` with its hosts included), of
 * Node.js or of a profile; returns undefined for one that has nothing to do with TLS.
 *
 * With `sslOptions`, those of the Client (`undefined` or null if it had none: pass null), it can tell a client
 * certificate that is missing from one that was refused, and a client without TLS from a server without it.
 */
export function explainTlsError(error: unknown, sslOptions?: object | null): TlsDiagnosis | undefined {
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
 * What is wrong in an error: what is wrong in the errors inside it (of the driver's, one for each host), and only
 * where that is nothing, in itself. The driver repeats the first host's message in its own.
 */
function findingsIn(error: unknown, client: Circumstances, endpoint?: string, depth = 0): Finding[] {
  if (!isError(error) || depth > deepest) return []
  const { innerErrors, innerError, cause, errors } = error as Error & Record<string, unknown>
  const perHost = Object.entries((innerErrors ?? {}) as Record<string, unknown>)
  // What a TlsError was made from is said by the TlsError.
  const others = isTlsError(error) ? [] : [innerError, cause, ...(Array.isArray(errors) ? errors : [])]
  const inside = [
    ...perHost.flatMap(([host, inner]) => findingsIn(inner, client, host, depth + 1)),
    ...others.flatMap((inner) => findingsIn(inner, client, endpoint, depth + 1)),
  ]
  if (inside.length > 0) return inside
  const code = diagnose(error, client)
  return code ? [{ code, cause: error, endpoint }] : []
}

type Rule = readonly [RegExp, TlsErrorCode]

/** `code` and message of what Node.js (X509_verify_cert_error_string) and OpenSSL (alerts, reasons) report. */
const rules: readonly Rule[] = [
  [/^DEPTH_ZERO_SELF_SIGNED_CERT/, 'SELF_SIGNED'],
  [
    /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT|UNABLE_TO_VERIFY_LEAF|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE|CERT_REJECTED)/,
    'UNKNOWN_CA',
  ],
  [/^(ERR_TLS_CERT_ALTNAME|HOSTNAME_MISMATCH)/, 'NAME_MISMATCH'],
  [/^CERT_HAS_EXPIRED/, 'SERVER_CERTIFICATE_EXPIRED'],
  [/^CERT_NOT_YET_VALID/, 'SERVER_CERTIFICATE_NOT_YET_VALID'],
  [/^CERT_REVOKED/, 'SERVER_CERTIFICATE_REVOKED'],
  [/^(UNABLE_TO_GET_CRL|UNABLE_TO_DECRYPT_CRL|CRL_|ERROR_IN_CRL)/, 'CRL_UNUSABLE'],
  [
    /^(INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|CERT_CHAIN_TOO_LONG)|too weak|TOO_WEAK|TOO_SMALL/,
    'SERVER_CERTIFICATE_UNFIT',
  ],
  [/ALERT_CERTIFICATE_REQUIRED/, 'CLIENT_CERTIFICATE_REQUIRED'],
  [
    /ALERT_(BAD_CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(REVOKED|EXPIRED|UNKNOWN)|ACCESS_DENIED)/,
    'CLIENT_CERTIFICATE_REFUSED',
  ],
  [
    /ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|WRONG_SSL_VERSION|NO_PROTOCOLS_AVAILABLE/,
    'NO_COMMON_VERSION',
  ],
  [
    /ALERT_(HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY)|NO_CIPHERS_AVAILABLE|WRONG_CIPHER|NO_SHARED_CIPHER/,
    'NO_COMMON_CIPHER',
  ],
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|RECORD_LAYER_FAILURE|UNKNOWN_PROTOCOL|ERR_SSL_HTTP/,
    'SERVER_SPEAKS_PLAIN_TEXT',
  ],
  [/^ECONNREFUSED/, 'PORT_CLOSED'],
  [/before secure TLS connection was established/, 'CONNECTION_CLOSED'],
  [/^(ERR_SSL_|EPROTO)/, 'HANDSHAKE_FAILED'],
]

/**
 * A server that wants TLS closes a plain connection, which the driver notices when its time is up, or sends an
 * alert, which the driver takes for a frame.
 */
const silence = /^OperationTimedOutError|Socket was closed|wrong streamId/

/**
 * The alert handshake_failure: with TLS 1.2 all that a server says where it misses a certificate, and what it says
 * where no cipher suite is common. Without a certificate and with Node's suites, the former is what happens.
 */
const vague = /ALERT_HANDSHAKE_FAILURE/

/** The alert internal_error: what Cassandra 5.0 (BoringSSL) makes of a certificate that its trust manager refuses. */
const internal = /ALERT_INTERNAL_ERROR/

function diagnose(
  error: Error,
  { tls, sentCertificate, choseCiphers }: Circumstances,
): TlsErrorCode | undefined {
  if (isTlsError(error)) return error.code
  const { code = '', name, message } = error as NodeJS.ErrnoException
  const found = rules.find(([pattern]) => pattern.test(`${code} ${message}`))?.[1]
  const sentNone = sentCertificate === false
  if (found === 'CLIENT_CERTIFICATE_REFUSED' && sentNone) return 'CLIENT_CERTIFICATE_REQUIRED'
  if (vague.test(code) && sentNone && !choseCiphers) return 'CLIENT_CERTIFICATE_REQUIRED'
  if (internal.test(code) && sentCertificate) return 'CLIENT_CERTIFICATE_REFUSED'
  if (found) return found
  if (tls === true && /^(ECONNRESET|EPIPE|ECONNABORTED)/.test(code)) return 'CONNECTION_CLOSED'
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
  const where = endpoints.length > 0 ? `${endpoints.join(', ')}: ` : ''
  const text = `${where}${summary} ${remedy} (${code})`
  return Object.freeze({ code, fault, summary, remedy, endpoints, certificate, cause, others: [], text })
}

/** Node's own error of a name that does not match has the certificate. */
function peerOf(error: Error): CertificateSummary | undefined {
  const { cert } = error as { cert?: PeerCertificate }
  try {
    return cert?.raw ? summarizeDer(cert.raw) : undefined
  } catch {
    return undefined // somebody else's error with somebody else's `cert`
  }
}

function sentence(code: TlsErrorCode, general: string, cause: Error): string {
  if (code === 'CLIENT_CERTIFICATE_REQUIRED' && vague.test((cause as NodeJS.ErrnoException).code ?? '')) {
    return 'The server refused the handshake; most likely it requires a client certificate, and none was sent.'
  }
  if (code === 'CLIENT_CERTIFICATE_REFUSED' && internal.test((cause as NodeJS.ErrnoException).code ?? '')) {
    return 'The server broke off the handshake; most likely it refused our client certificate.'
  }
  if (code !== 'NAME_MISMATCH') return general
  const { host } = cause as { host?: string }
  const names = peerOf(cause)?.names.join(', ')
  return `The server's certificate is not for ${host ?? 'the name expected'}; it has the names: ${names || 'none'}.`
}
