import {
  authError,
  bagOf,
  callback,
  clockOption,
  flag,
  initially,
  type Option,
  optionBag,
  type Read,
  required,
  type Spec,
  some,
  text,
} from '@x/auth-core/base'
import { httpTransport, reach, verifiedTlsOption } from '@x/auth-core/http'
import { cachedBag } from '@x/auth-core/sources/cached'
import { vaultError } from '../errors.js'
import type { VaultAuth } from '../vault-auth.js'
import type { VaultCacheOptions, VaultOptions } from '../vault-options.js'
import { VaultClient } from './vault-client.js'
import { fitsInHeader } from './vault-token.js'

const authOption: Option<VaultAuth, undefined> = some(
  'a login such as vaultAppRole({ … })',
  (value) => typeof (value as VaultAuth | null)?.login === 'function',
)

/** The options that every source has, for its own bag; its cache has defaults of its own. */
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
    allowCleartextHttp: initially(false, flag, 'Over http, anyone on the way can read the token.'),
    cache: bagOf(cache),
    clock: clockOption,
  } satisfies Spec<VaultOptions>
}

/** Options of `cached`; the initial values are those of the source. */
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

/** The parts of the options that make a client. Errors: OPTION_INVALID, OPTIONS_CONTRADICT. */
export function clientOf(
  who: string,
  options: Read<ReturnType<typeof vaultOptions>>,
  random: () => number,
): VaultClient {
  const { namespace = fromEnvironment('VAULT_NAMESPACE'), tls, fetch, clock } = options
  if (tls && fetch) throw authError('OPTIONS_CONTRADICT', `${who} takes either tls or fetch.`)
  if (namespace !== undefined && !isNamespace(namespace)) {
    throw authError(
      'OPTION_INVALID',
      'The environment variable VAULT_NAMESPACE is not the name of a namespace.',
    )
  }
  const address = addressOf(who, options.address ?? fromEnvironment('VAULT_ADDR'))
  const { allowCleartextHttp } = options
  const mayReach = reach({ who, addresses: [address], allowCleartextHttp, tls: tls !== undefined })
  const tooLong = (problem: string) => vaultError('VAULT_ANSWER_INVALID', problem)
  const transport = httpTransport({ tls, fetch, tooLong })
  return new VaultClient({ address, namespace, transport, mayReach, clock, random })
}

function addressOf(who: string, given: string | undefined): URL {
  if (given === undefined) {
    throw authError(
      'OPTION_INVALID',
      `${who} needs the option address, or the environment variable VAULT_ADDR.`,
    )
  }
  const address = URL.canParse(given) ? new URL(given) : undefined
  const plain =
    address &&
    address.username === '' &&
    address.password === '' &&
    address.search === '' &&
    address.hash === ''
  if (plain && /^https?:$/.test(address.protocol)) return address
  throw authError(
    'OPTION_INVALID',
    `The option address of ${who} must be an http or https address without user, query and fragment.`,
  )
}

/** It stands in a header (RFC 9110 §5.5). */
function isNamespace(value: unknown): boolean {
  return typeof value === 'string' && fitsInHeader(value)
}

function fromEnvironment(name: string): string | undefined {
  return process.env[name] || undefined
}
