import type { CredentialContext, CredentialSource, Credentials, Expiring } from '../../credentials.js'
import type { ExchangeContext, Mechanism } from '../../mechanism.js'
import { checkExpiry } from '../cache/expiry.js'
import { sourceError } from './source-error.js'

/** Asks the source (or takes the value), checks that it is not expired, and lets the mechanism parse it. */
export async function obtainCredentials(
  credentials: Credentials<unknown>,
  mechanism: Mechanism<unknown>,
  context: ExchangeContext,
): Promise<unknown> {
  const value = typeof credentials === 'function' ? await askSource(credentials, context) : credentials
  checkExpiry(value, context.now())
  return mechanism.parseCredentials(value)
}

/** What a source answers; what it throws becomes an AuthError. */
export async function askSource<C>(
  source: CredentialSource<C>,
  context: CredentialContext,
): Promise<Expiring<C>> {
  try {
    return await source(context)
  } catch (reason) {
    throw sourceError(reason)
  }
}
