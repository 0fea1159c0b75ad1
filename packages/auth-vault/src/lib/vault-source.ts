import type { Clock, CredentialContext, Expiring } from '@x/auth-core'
import { maxDelayMs, type Read } from '@x/auth-core/base'
import { withTimeout } from '@x/auth-core/http'
import { cached } from '@x/auth-core/sources/cached'
import { vaultError } from '../errors.js'
import type { VaultSource, VaultStatus } from '../vault-options.js'
import type { cacheBag } from './options/vault-option-spec.js'
import { sourceClosed, type VaultSession } from './vault-session.js'

/** The parts of a login's context that a question to Vault uses. */
export type Question = Pick<CredentialContext, 'signal' | 'forceRefresh' | 'watch'>

/** What a source asks Vault for. Only a source that makes users has `counts`, `revoke` and `revokesOnClose`. */
export interface Asking<C> {
  ask(question: Question): Promise<Expiring<C>>
  readonly counts?: Pick<VaultStatus, 'usersMade' | 'renewals'>
  revoke?(): Promise<void>
  readonly revokesOnClose?: boolean
}

type Cache = Read<ReturnType<typeof cacheBag>['options']>

/** How much later `cached` gives up. Our own timeout comes first, because its error names Vault. */
const graceMs = 1_000

/** Makes the source: a cache around `asking`, with `status` and `close`. */
export function vaultSource<C>(
  session: VaultSession,
  asking: Asking<C>,
  cache: Cache,
  clock: Clock,
): VaultSource<C> {
  let closing: Promise<void> | undefined
  const refuseClosed = () => {
    if (closing) throw sourceClosed()
  }
  const { fetchTimeoutMs: timeoutMs } = cache
  const error = () =>
    vaultError(
      'VAULT_TIMEOUT',
      `Vault, or what logs in to it, did not answer within ${timeoutMs} ms (fetchTimeoutMs).`,
    )
  const source = cached(
    async ({ signal, forceRefresh, watch }: CredentialContext) => {
      refuseClosed()
      const bound = { clock, timeoutMs, error, signal, unref: true }
      return withTimeout(bound, (either) => asking.ask({ signal: either, forceRefresh, watch }))
    },
    { ...cache, fetchTimeoutMs: Math.min(timeoutMs + graceMs, maxDelayMs), clock },
  )
  const status = (): VaultStatus => ({
    ...source.status(),
    vaultLogins: session.logins,
    usersMade: asking.counts?.usersMade ?? 0,
    renewals: asking.counts?.renewals ?? 0,
  })
  const close = () => {
    session.close({ revokes: asking.revokesOnClose ?? false })
    closing ??= Promise.resolve(asking.revoke?.())
    return closing
  }
  const ask = async (context: CredentialContext) => {
    refuseClosed()
    const credentials = await source(context)
    // The source was closed meanwhile, and the cache still holds a user that is being revoked.
    refuseClosed()
    return credentials
  }
  return Object.assign(ask, { status, close })
}
