import type { CredentialSource } from '../credentials.js'
import { authError } from '../errors.js'
import { definedIn, optionBag, readOptions, refuseMore, type Spec, some } from '../lib/options/option-spec.js'
import {
  type Fields,
  pickFields,
  type TrailingNewline,
  trailingNewlineOption,
  withoutNewline,
} from '../lib/secrets/secret-formats.js'
import type { FileFields } from './from-file.js'

/** Field of the credentials → name of an environment variable. */
export type EnvironmentFields = Readonly<Record<string, string>>

export interface FromEnvOptions {
  /** What happens to a line break at the end of a value, as in a `secret-folder` of `fromFile`. Default `remove`. */
  readonly trailingNewline?: TrailingNewline | undefined
  /** Where the variables are. Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
}

export const fromEnvBag = optionBag('fromEnv', {
  trailingNewline: trailingNewlineOption,
  environment: {
    ...some<NonNullable<FromEnvOptions['environment']>>(
      'an object: name of a variable → its value',
      (value) => typeof value === 'object' && value !== null,
    ),
    shown: '`process.env`',
    why: 'Tests bring their own.',
  },
} satisfies Spec<FromEnvOptions>)

/**
 * Reads credentials from environment variables, at each connection:
 * `fromEnv({ username: 'CASSANDRA_USERNAME', password: 'CASSANDRA_PASSWORD' })`; `expiresAt` is a text of ISO 8601.
 * Errors: OPTION_INVALID; CREDENTIALS_NOT_CONFIGURED for a variable that is absent or empty, with the field and, if it
 * plainly is one, the variable's name; CREDENTIALS_INVALID for an `expiresAt` that is not a time.
 */
export function fromEnv<const F extends EnvironmentFields>(
  fields: F,
  options?: FromEnvOptions,
): CredentialSource<FileFields<F>>
export function fromEnv<const F extends EnvironmentFields>(
  fields: F,
  options: FromEnvOptions = {},
  ...more: readonly unknown[]
): CredentialSource<FileFields<F>> {
  refuseMore('fromEnv', more, 'the names of variables and one object with options')
  const entries = variablesOf(fields)
  const { environment: given, trailingNewline } = readOptions(fromEnvBag, options)
  return () => {
    const environment = given ?? process.env
    const found: Fields = {}
    for (const [field, name] of entries) {
      const value = withoutNewline(environment[name] ?? '', trailingNewline)
      if (value === '') throw notSet(field, name)
      found[field] = value
    }
    return pickFields(found, undefined, 'the environment') as FileFields<F>
  }
}

function variablesOf(fields: unknown): readonly (readonly [string, string])[] {
  const entries: [string, unknown][] =
    typeof fields === 'object' && fields !== null ? Object.entries({ ...definedIn(fields), ...fields }) : []
  if (entries.length > 0 && entries.every(([, name]) => isVariableName(name))) {
    return entries as [string, string][]
  }
  throw authError(
    'OPTION_INVALID',
    'fromEnv takes an object: field of the credentials → name of a variable, such as DB_PASSWORD. One name is not the name of a variable; it is left out because it may be the secret itself.',
  )
}

/**
 * What a shell, a .env file, a container or a unit of systemd can set (POSIX Base Definitions §8.1, Kubernetes' `EnvVar` allows dots
 * and hyphens besides). Anything else, such as a text with a blank, is a value instead of a name.
 */
function isVariableName(name: unknown): boolean {
  return typeof name === 'string' && /^[A-Za-z_][\w.-]*$/.test(name)
}

/** Anyone who gives the password itself instead of a name must not find it in the log. */
function notSet(field: string, name: string) {
  const plain = /^[A-Z][A-Z\d]*(_[A-Z\d]+)+$/.test(name)
  const quoted = plain
    ? ` ${name}`
    : ' (its name is left out because it may be a secret: it does not look like DB_PASSWORD)'
  return authError(
    'CREDENTIALS_NOT_CONFIGURED',
    `The environment variable for the field ${field} is not set:${quoted}.`,
  )
}
