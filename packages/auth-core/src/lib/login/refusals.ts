import { type AuthError, isAuthError } from '../../errors.js'
import type { Mechanism } from '../../mechanism.js'
import { tried } from '../tried.js'

type Explain = NonNullable<Mechanism<unknown>['explainRefusal']>

/** As many servers as the success counter knows. */
const maxServers = 10_000

/**
 * How to read a refusal of a server: as the mechanism that logged in there last reads it. The driver gives its error to
 * the application and not to a provider, and the only part of the login in the error is the address.
 */
const explaining = new Map<string, Explain>()

/** A login that the server may refuse from now on. */
export function expectRefusal(endpoint: string, { explainRefusal }: Mechanism<unknown>): void {
  explaining.delete(endpoint)
  if (!explainRefusal) return
  explaining.set(endpoint, explainRefusal)
  if (explaining.size <= maxServers) return
  for (const oldest of explaining.keys()) return void explaining.delete(oldest)
}

/** LOGIN_REFUSED as the mechanism explains it, if it can say more. */
export function explainedRefusal(refused: AuthError): AuthError {
  const explain = explaining.get(String(refused.endpoint))
  // A user's own mechanism may throw; the refusal itself is known.
  const explained = explain && tried(() => explain(refused))
  return isAuthError(explained) ? explained : refused
}
