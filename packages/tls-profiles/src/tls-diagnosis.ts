import type { CertificateSummary } from './certificate.js'
import type { Fault, TlsErrorCode } from './errors.js'

/** What went wrong with TLS on one or more connections, and what to do about it. */
export interface TlsDiagnosis {
  readonly code: TlsErrorCode
  readonly fault: Fault
  /** What happened, in one sentence, with the names in the certificate if they matter. */
  readonly summary: string
  /** What to do about it. */
  readonly remedy: string
  /** `ip:port` of the hosts that failed like this, if the driver says so. */
  readonly endpoints: readonly string[]
  /**
   * The certificate with the problem. Node.js gives it if the name or a pin does not match. For a problem in the chain,
   * `examineTlsError` asks the server for it.
   */
  readonly certificate: CertificateSummary | undefined
  /** The original error of Node.js or OpenSSL. */
  readonly cause: Error
  /** Other failures at other hosts. */
  readonly others: readonly TlsDiagnosis[]
  /** All of this as one text for a reader. */
  readonly text: string
}

/** Options of examineTlsError. */
export interface ExamineOptions {
  /** How long the server may take to show its certificates, in milliseconds. Default 5 000. */
  readonly timeoutMs?: number | undefined
}
