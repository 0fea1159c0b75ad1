import { refuseMore } from './lib/options/option-spec.js'
import type { ExamineOptions, TlsDiagnosis } from './tls-diagnosis.js'

/**
 * Says what is wrong with TLS. Takes any error of the driver (`NoHostAvailableError` with its hosts included), of
 * Node.js or of a profile; returns undefined for one that has nothing to do with TLS.
 *
 * With `sslOptions`, those of the Client (`undefined` or null if it had none: pass null), it can tell a client
 * certificate that is missing from one that was refused, and a client without TLS from a server without it.
 */
export function explainTlsError(error: unknown, sslOptions?: object | null): TlsDiagnosis | undefined {
  return diagnosis().diagnose(error, sslOptions)
}

/**
 * The same, and for an error of a chain also which certificate it is, and since when. Node.js does not say that, so
 * this asks the first host that failed like this for its chain, on a separate connection that verifies nothing and
 * sends nothing. Waits for `timeoutMs` at most (default 5 000), and never rejects.
 */
export function examineTlsError(
  error: unknown,
  sslOptions?: object | null,
  options?: ExamineOptions,
): Promise<TlsDiagnosis | undefined>
export async function examineTlsError(
  error: unknown,
  sslOptions?: object | null,
  options: ExamineOptions = {},
  ...more: readonly unknown[]
): Promise<TlsDiagnosis | undefined> {
  refuseMore('examineTlsError', more, 'an error, a profile and one object with options')
  const found = explainTlsError(error, sslOptions)
  const { examined } = require('./lib/diagnosis/examine.js') as typeof import('./lib/diagnosis/examine.js')
  return examined(found, sslOptions, options)
}

/** Loaded for the first error: most programs see none. */
function diagnosis(): typeof import('./lib/diagnosis/diagnosis.js') {
  return require('./lib/diagnosis/diagnosis.js') as typeof import('./lib/diagnosis/diagnosis.js')
}
