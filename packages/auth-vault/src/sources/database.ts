import {
  authError,
  flag,
  initially,
  optionBag,
  type PasswordCredentials,
  readOptions,
  refuseMore,
  type Spec,
} from '@x/auth-core/base'
import { pathOption } from '../lib/options/path-option.js'
import { cacheBag, vaultOptions } from '../lib/options/vault-option-spec.js'
import type { VaultOptions, VaultSource } from '../vault-options.js'

/** Options of `vaultDatabase`: one of `role` and `staticRole`. */
export interface VaultDatabaseOptions extends VaultOptions {
  /** A dynamic role: Vault makes a database user for this client, and drops it when its lease ends. */
  readonly role?: string | undefined
  /** A static role: one database user whose password Vault changes. */
  readonly staticRole?: string | undefined
  /** Where the engine is mounted. Default `database`. */
  readonly mount?: string | undefined
  /**
   * Whether `close()` revokes the lease of the database user. Default false, because other connections of this user may
   * be in use.
   */
  readonly revokeOnClose?: boolean | undefined
}

const cache = cacheBag('The cache of vaultDatabase', { idle: false })

export const vaultDatabaseBag = optionBag('vaultDatabase', {
  ...vaultOptions(cache),
  role: pathOption('the name of a role'),
  staticRole: pathOption('the name of a static role'),
  mount: initially('database', pathOption('the mount of the engine'), 'Where Vault mounts it by default.'),
  revokeOnClose: initially(
    false,
    flag,
    'When the lease ends, the open connections of its user lose their rights.',
  ),
} satisfies Spec<VaultDatabaseOptions>)

/**
 * User name and password from Vault's database secrets engine.
 *
 * A dynamic role: all connections share one database user. Its lease is renewed until `max_ttl` comes near, and then
 * Vault makes another user before the first one ends. If a server refuses a user, the next login gets another one.
 * **When Vault drops a user, its connections lose their rights**: give the role a `max_ttl` longer than the lifetime of
 * a client, or use a static role.
 *
 * A static role: the password is read again when Vault has changed it.
 *
 * Errors: OPTION_INVALID, OPTIONS_CONTRADICT; at a login the codes of this package, whose names begin with `VAULT_`
 * (docs/errors.md).
 */
export function vaultDatabase(options: VaultDatabaseOptions): VaultSource<PasswordCredentials>
export function vaultDatabase(
  options: VaultDatabaseOptions,
  ...more: readonly unknown[]
): VaultSource<PasswordCredentials> {
  refuseMore('vaultDatabase', more)
  const read = readOptions(vaultDatabaseBag, options)
  const { role, staticRole, mount, revokeOnClose, auth, clock } = read
  if ((role === undefined) === (staticRole === undefined)) {
    throw authError('OPTION_INVALID', 'vaultDatabase takes one of the options role and staticRole.')
  }
  const settings = read.cache ?? readOptions(cache)
  // Loaded at the call, not on import.
  const { sourceAt } = require('../lib/source-at.js') as typeof import('../lib/source-at.js')
  return sourceAt({ who: 'vaultDatabase', options: read, settings, auth, clock }, (client, session) => {
    if (role === undefined) {
      const { StaticUser } = require('../lib/static-user.js') as typeof import('../lib/static-user.js')
      return new StaticUser(client, session, `${mount}/static-creds/${staticRole}`)
    }
    const { DatabaseUser } = require('../lib/database-user.js') as typeof import('../lib/database-user.js')
    return new DatabaseUser(client, session, { mount, role, revokeOnClose })
  })
}
