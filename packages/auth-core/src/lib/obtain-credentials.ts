import type { CredentialSource, Credentials } from '../credentials.js'
import { authError, isAuthError } from '../errors.js'
import type { ExchangeContext, Mechanism } from '../mechanism.js'
import { describeReason, safeCause } from './adopt-error.js'

/** Asks the source (or takes the value), checks that it is not expired, and lets the mechanism parse it. */
export async function obtainCredentials(
  credentials: Credentials<unknown>,
  mechanism: Mechanism<unknown>,
  context: ExchangeContext,
): Promise<unknown> {
  const value = typeof credentials === 'function' ? await ask(credentials, context) : credentials
  checkExpiry(value, context.now())
  return mechanism.parseCredentials(value)
}

async function ask(source: CredentialSource<unknown>, context: ExchangeContext): Promise<unknown> {
  try {
    return await source(context)
  } catch (reason) {
    if (isAuthError(reason)) throw reason
    throw authError('SOURCE_FAILED', `The credential source failed: ${describeReason(reason)}.`, {
      cause: safeCause(reason),
    })
  }
}

function checkExpiry(value: unknown, now: number): void {
  const expiresAt = (value as { expiresAt?: unknown } | null | undefined)?.expiresAt
  if (expiresAt === undefined) return
  if (!(expiresAt instanceof Date) || Number.isNaN(expiresAt.getTime())) {
    throw authError('CREDENTIALS_INVALID', 'The field expiresAt of the credentials is not a valid Date.')
  }
  if (expiresAt.getTime() <= now) {
    throw authError('CREDENTIALS_EXPIRED', `The credentials expired at ${expiresAt.toISOString()}.`)
  }
}
