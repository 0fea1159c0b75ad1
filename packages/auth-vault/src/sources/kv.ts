import {
  authError,
  initially,
  isAuthError,
  optionBag,
  type PasswordCredentials,
  readOptions,
  refuseMore,
  required,
  type Spec,
  some,
} from '@x/auth-core/base'
import { pathOption } from '../lib/options/path-option.js'
import { cacheBag, vaultOptions } from '../lib/options/vault-option-spec.js'
import type { VaultAnswer } from '../lib/vault-client.js'
import type { VaultOptions, VaultSource } from '../vault-options.js'

/** For each field of the credentials, the name of the field in the secret. */
export type VaultKvFields = Readonly<Record<string, string>>

export interface VaultKvOptions<F extends VaultKvFields = VaultKvFields> extends VaultOptions {
  /** The path of the secret below the mount, without `data/`. */
  readonly path: string
  /** Where the engine is mounted. Default `secret`. */
  readonly mount?: string | undefined
  /** The version of the engine. Default 2. */
  readonly kvVersion?: 1 | 2 | undefined
  /** Which fields of the secret are read. Default `{ username: 'username', password: 'password' }`. */
  readonly fields?: F | undefined
}

const cache = cacheBag('The cache of vaultKv', { idle: true })

const passwordFields: VaultKvFields = { username: 'username', password: 'password' }

export const vaultKvBag = optionBag('vaultKv', {
  ...vaultOptions(cache),
  path: required(pathOption('the path of a secret')),
  mount: initially('secret', pathOption('the mount of the engine'), 'Where Vault mounts it by default.'),
  kvVersion: initially<1 | 2>(
    2,
    some<1 | 2>('1 or 2', (value) => value === 1 || value === 2),
    'What Vault makes by default.',
  ),
  fields: initially(
    passwordFields,
    some<VaultKvFields>('an object: field of the credentials → its name in the secret', areFields),
    'As Vault names them in its own examples.',
    "`{ username: 'username', password: 'password' }`",
  ),
} satisfies Spec<VaultKvOptions>)

/**
 * Credentials from the newest version of a secret in Vault's key-value engine. They are read again every hour, and also
 * when a server refuses them. Errors: OPTION_INVALID, OPTIONS_CONTRADICT; at a login CREDENTIALS_NOT_CONFIGURED if
 * there is no such secret or it was deleted, CREDENTIALS_INVALID if a field is missing, and the codes of this package.
 */
export function vaultKv<const F extends VaultKvFields>(
  options: VaultKvOptions<F> & { readonly fields: F },
): VaultSource<{ readonly [K in keyof F]: string }>
export function vaultKv(options: VaultKvOptions): VaultSource<PasswordCredentials>
export function vaultKv(options: VaultKvOptions, ...more: readonly unknown[]): VaultSource<object> {
  refuseMore('vaultKv', more)
  const read = readOptions(vaultKvBag, options)
  const { path, mount, kvVersion, fields, auth, clock } = read
  const settings = read.cache ?? readOptions(cache)
  const name = `${mount}/${kvVersion === 2 ? 'data/' : ''}${path}`
  // Loaded at the call, not on import.
  const { sourceAt } = require('../lib/source-at.js') as typeof import('../lib/source-at.js')
  return sourceAt<object>({ who: 'vaultKv', options: read, settings, auth, clock }, (_, session) => ({
    async ask({ signal }) {
      const answer = await found(session.request({ method: 'GET', path: name, signal }), name)
      const data = objectOf(answer['data'], 'data')
      return pick(kvVersion === 2 ? current(data, name) : data, fields, name)
    },
  }))
}

/** A 404 with an empty list of errors: the mount exists, but the secret does not, or its newest version was deleted. */
async function found(answer: Promise<VaultAnswer>, name: string): Promise<VaultAnswer> {
  try {
    return await answer
  } catch (error) {
    const absent =
      isAuthError(error) && error.code === 'VAULT_PATH_UNKNOWN' && Number(error.details['errors'] ?? 0) === 0
    throw absent
      ? authError('CREDENTIALS_NOT_CONFIGURED', `Vault has no secret ${name}, or it was deleted.`)
      : error
  }
}

function current(data: VaultAnswer, name: string): VaultAnswer {
  if (data['data'] === null)
    throw authError('CREDENTIALS_NOT_CONFIGURED', `The newest version of ${name} was deleted.`)
  return objectOf(data['data'], 'data.data')
}

function pick(secret: VaultAnswer, fields: VaultKvFields, name: string): object {
  const entries = Object.entries(fields).map(([field, key]) => {
    const value = Object.hasOwn(secret, key) ? secret[key] : undefined
    if (typeof value === 'string' && value !== '') return [field, value] as const
    throw authError('CREDENTIALS_INVALID', `The secret ${name} has no text under "${key}".`)
  })
  return Object.fromEntries(entries)
}

function areFields(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const names = Object.values(value)
  return names.length > 0 && names.every((each) => typeof each === 'string' && each !== '')
}

function objectOf(value: unknown, name: string): VaultAnswer {
  return (require('../lib/vault-token.js') as typeof import('../lib/vault-token.js')).objectOf(value, name)
}
