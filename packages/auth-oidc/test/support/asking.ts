import type { AuthError, CredentialContext } from '@x/auth-core'

/** The context of one login. */
export function context(more: Partial<CredentialContext> = {}): CredentialContext {
  return {
    endpoint: '127.0.0.1:9042',
    address: '127.0.0.1',
    port: 9042,
    authenticator: 'org.example.cassandra.SaslAuthenticator',
    signal: new AbortController().signal,
    ...more,
  }
}

/** The error of `work`. */
export async function errorOf(work: unknown): Promise<AuthError> {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    return error as AuthError
  }
  throw new Error('it did not fail')
}
