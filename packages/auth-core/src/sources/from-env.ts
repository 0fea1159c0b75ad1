import type { CredentialSource } from '../credentials.js'
import { authError } from '../errors.js'

/** Field of the credentials → name of an environment variable. */
export type EnvironmentFields = Readonly<Record<string, string>>

/**
 * Reads credentials from environment variables, at each connection:
 * `fromEnv({ username: 'CASSANDRA_USERNAME', password: 'CASSANDRA_PASSWORD' })`.
 * A variable that is absent or empty: CREDENTIALS_NOT_CONFIGURED, which names it. OPTION_INVALID where a name
 * is not a text.
 */
export function fromEnv<F extends EnvironmentFields>(
  fields: F,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): CredentialSource<{ [K in keyof F]: string }> {
  const entries = Object.entries(fields)
  if (entries.length === 0 || entries.some(([, name]) => typeof name !== 'string' || name === '')) {
    throw authError(
      'OPTION_INVALID',
      'fromEnv takes an object: field of the credentials → name of a variable.',
    )
  }
  return () =>
    Object.fromEntries(entries.map(([field, name]) => [field, read(name)])) as { [K in keyof F]: string }

  function read(name: string): string {
    const value = environment[name]
    if (value) return value
    throw authError('CREDENTIALS_NOT_CONFIGURED', `The environment variable ${name} is not set.`)
  }
}
