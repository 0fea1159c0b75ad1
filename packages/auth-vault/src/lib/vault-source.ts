import type { CredentialContext, Expiring } from '@x/auth-core'
import { authError, type Read } from '@x/auth-core/base'
import { cached } from '@x/auth-core/sources/cached'
import type { VaultSource, VaultStatus } from '../vault-options.js'
import type { cacheBag } from './options/vault-option-spec.js'
import type { VaultSession } from './vault-session.js'

/** What a source asks Vault for; `counts` and `revoke` where it makes users. */
export interface Asking<C> {
  ask(context: CredentialContext): Promise<Expiring<C>>
  readonly counts?: Pick<VaultStatus, 'usersMade' | 'renewals'>
  revoke?(): Promise<void>
}

type Cache = Read<ReturnType<typeof cacheBag>['options']>

/** A source around what asks: cached, with a status, to be closed. */
export function vaultSource<C>(
  session: VaultSession,
  asking: Asking<C>,
  cache: Cache,
  clock: Parameters<typeof cached>[1],
): VaultSource<C> {
  let closing: Promise<void> | undefined
  const refuseClosed = () => {
    if (closing) throw authError('SOURCE_FAILED', 'The Vault source was closed.')
  }
  const source = cached(
    async (context: CredentialContext) => {
      refuseClosed()
      return asking.ask(context)
    },
    { ...cache, ...clock },
  )
  const status = (): VaultStatus => ({
    ...source.status(),
    vaultLogins: session.logins,
    usersMade: asking.counts?.usersMade ?? 0,
    renewals: asking.counts?.renewals ?? 0,
  })
  const close = () => {
    session.close()
    closing ??= Promise.resolve(asking.revoke?.())
    return closing
  }
  const ask = async (context: CredentialContext) => {
    refuseClosed()
    return source(context)
  }
  return Object.assign(ask, { status, close })
}
