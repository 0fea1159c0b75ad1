import type { CertificateSummary } from './certificate.js'
import type { Fault, TlsErrorCode } from './errors.js'

/** What went wrong with TLS on one or more connections, and what to do about it. */
export interface TlsDiagnosis {
  readonly code: TlsErrorCode
  readonly fault: Fault
  /** One sentence; with the names in the certificate, if they matter. */
  readonly summary: string
  readonly remedy: string
  /** `ip:port` of the hosts that failed like this, if the driver says so. */
  readonly endpoints: readonly string[]
  /**
   * The certificate with the problem. Node.js gives it when the name or a pin does not match; for a problem in the
   * chain, `examineTlsError` asks for it.
   */
  readonly certificate: CertificateSummary | undefined
  /** The error underneath, as Node.js or OpenSSL gave it. */
  readonly cause: Error
  /** What went wrong at other hosts, if that is something else. */
  readonly others: readonly TlsDiagnosis[]
  /** All of it, to read. */
  readonly text: string
}

/** Options of examineTlsError. */
export interface ExamineOptions {
  /** How long the server may take to show its certificates. Default 5 000. */
  readonly timeoutMs?: number | undefined
}
