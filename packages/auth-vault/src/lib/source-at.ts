import type { Clock } from '@x/auth-core'
import type { Read } from '@x/auth-core/base'
import type { VaultAuth } from '../vault-auth.js'
import type { VaultSource } from '../vault-options.js'
import { clientOf } from './connection.js'
import type { cacheBag, vaultOptions } from './options/vault-option-spec.js'
import type { VaultClient } from './vault-client.js'
import { VaultSession } from './vault-session.js'
import { type Asking, vaultSource } from './vault-source.js'

interface SourceParts {
  readonly who: string
  readonly options: Read<ReturnType<typeof vaultOptions>>
  readonly settings: Read<ReturnType<typeof cacheBag>['options']>
  readonly auth: VaultAuth
  readonly clock: Clock
}

/** Makes a source from the options; `asking` says what it asks Vault for. Errors: OPTION_INVALID, OPTIONS_CONTRADICT. */
export function sourceAt<C>(
  { who, options, settings, auth, clock }: SourceParts,
  asking: (client: VaultClient, session: VaultSession) => Asking<C>,
): VaultSource<C> {
  const client = clientOf(who, options, settings.random)
  const session = new VaultSession(client, auth)
  return vaultSource<C>(session, asking(client, session), settings, clock)
}
