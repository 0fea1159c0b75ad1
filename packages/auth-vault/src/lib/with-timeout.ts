import type { Clock } from '@x/auth-core'
import { abortable } from '@x/auth-core/base'
import { vaultError } from '../errors.js'

/**
 * Work for all who wait for it together, with a bound of its own. Errors: those of the work, and VAULT_TIMEOUT. Whoever waits has
 * a timer of their own, which keeps the process alive until their deadline; this one does not.
 */
export async function withTimeout<T>(
  clock: Clock,
  timeoutMs: number,
  problem: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController()
  const timer = clock.schedule(timeoutMs, () => abort.abort(vaultError('VAULT_TIMEOUT', problem)))
  timer.unref()
  try {
    return await abortable(work(abort.signal), abort.signal)
  } finally {
    timer.cancel()
  }
}
