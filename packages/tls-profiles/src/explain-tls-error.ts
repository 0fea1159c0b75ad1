import { refuseMore } from './lib/options/option-spec.js'
import type { ExamineOptions, TlsDiagnosis } from './tls-diagnosis.js'

/**
 * Says what is wrong with TLS. It takes any error of the driver (`NoHostAvailableError` with its hosts included), of
 * Node.js or of a profile. It returns undefined for an error that has nothing to do with TLS.
 *
 * `sslOptions` are those of the Client; pass null if it had none. With them it can tell a missing client certificate
 * from a refused one, and a client without TLS from a server without TLS.
 */
export function explainTlsError(error: unknown, sslOptions?: object | null): TlsDiagnosis | undefined {
  return diagnosis().diagnose(error, sslOptions)
}

/**
 * Does the same as `explainTlsError`. For an error in a chain it also says which certificate is at fault, and since
 * when. Node.js does not report that, so this function asks the first host with that error for its chain, on a separate
 * connection that verifies nothing and sends nothing. It waits for at most `timeoutMs` (default 5 000). It rejects only
 * with OPTION_INVALID, for wrong options.
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

/** Loaded at the first error, because most programs have none. */
function diagnosis(): typeof import('./lib/diagnosis/diagnosis.js') {
  return require('./lib/diagnosis/diagnosis.js') as typeof import('./lib/diagnosis/diagnosis.js')
}
