import {
  bagOf,
  callback,
  clockOption,
  flag,
  initially,
  listOf,
  type Option,
  optionBag,
  required,
  type Spec,
  some,
  text,
} from '@x/auth-core/base'
import { verifiedTlsOption } from '@x/auth-core/http'
import { cachedBag } from '@x/auth-core/sources/cached'
import type { VaultAuth } from '../../vault-auth.js'
import type { VaultCacheOptions, VaultOptions } from '../../vault-options.js'
import { fitsInHeader } from './header-text.js'
import { hostOption } from './host-option.js'

const authOption: Option<VaultAuth, undefined> = some(
  'a login such as vaultAppRole({ … })',
  (value) => typeof (value as VaultAuth | null)?.login === 'function',
)

/** The options that every source has, for its own bag. `cache` has the defaults of that source. */
export function vaultOptions(cache: ReturnType<typeof cacheBag>) {
  return {
    address: {
      ...text('an http or https address'),
      shown: '`VAULT_ADDR`',
      why: 'As the tools of Vault have it.',
    },
    auth: required(authOption),
    namespace: {
      ...some<string>('the name of a namespace: printable ASCII without blanks', isNamespace),
      shown: '`VAULT_NAMESPACE`, else none',
      why: 'As the tools of Vault have it.',
    },
    tls: verifiedTlsOption('tls'),
    fetch: callback<typeof globalThis.fetch>(),
    redirectHosts: {
      ...listOf(hostOption, 'a list of at least one host name or IP address, with or without a port'),
      shown: 'none',
      why: 'The token is sent where Vault redirects to, so only redirects to host and port of `address` are followed.',
    },
    allowCleartextHttp: initially(false, flag, 'Over http, anyone on the way can read the token.'),
    cache: bagOf(cache),
    clock: clockOption,
  } satisfies Spec<VaultOptions>
}

/** Options of `cached`, with the defaults of the source. */
export function cacheBag(who: string, initial: { readonly idle: boolean }) {
  const { scope: _scope, clock: _clock, ...options } = cachedBag.options
  return optionBag(who, {
    ...options,
    refreshAheadMs: {
      ...options.refreshAheadMs,
      initial: 86_400_000,
      shown: 'a quarter of the lifetime',
      why: 'The renewal starts early, so Vault may be down for a while.',
    },
    idleMs: idleOf(options.idleMs, initial.idle),
  } satisfies Spec<VaultCacheOptions>)
}

function idleOf(option: (typeof cachedBag)['options']['idleMs'], idle: boolean) {
  if (idle) return option
  return {
    ...option,
    initial: 366 * 86_400_000,
    shown: 'a year',
    why: 'When the lease ends, the connections of a database user lose their rights, so it is renewed for as long as the source is used.',
  }
}

/** It is sent in a header (RFC 9110 §5.5). */
export function isNamespace(value: unknown): boolean {
  return typeof value === 'string' && fitsInHeader(value)
}
