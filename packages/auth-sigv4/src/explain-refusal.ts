import type * as AuthCore from '@x/auth-core'
import type { AuthError } from '@x/auth-core'
import { errorTable, type SigV4ErrorCode, sigV4Error } from './errors.js'

export interface RefusalOptions {
  /** What this machine takes for the time, in milliseconds since the epoch. Default `Date.now()`. */
  readonly now?: number | undefined
}

/**
 * How AWS words it, in its services and in its SDKs; the first that fits counts. It chooses the advice and nothing else. The
 * words themselves are not repeated: the server got the session token, and may have put it between them.
 */
const wordings: readonly (readonly [RegExp, SigV4ErrorCode])[] = [
  [/expiredtoken|token\b.*\bexpired|credentials?\b.*\bexpired/i, 'SESSION_TOKEN_EXPIRED'],
  [/signature expired|not yet current|skew|too (far|old)|now (earlier|later) than/i, 'CLOCK_SKEW'],
  [/signature.*(does not match|mismatch|invalid|incorrect)|invalid signature/i, 'SIGNATURE_MISMATCH'],
  [/token\b.*\binvalid|invalidclienttoken|unrecognizedclient|access key|unknown key/i, 'ACCESS_KEY_UNKNOWN'],
  [/not authorized|access ?denied/i, 'ACCESS_DENIED'],
]

/** Longer than anything that AWS says. */
const longest = 2_000

/**
 * What a failed login of the driver means, as `findAuthError` of `@x/auth-core`; a refusal by the server is explained
 * further where its text allows it (CLOCK_SKEW, SIGNATURE_MISMATCH …), and in any case with the time of this machine:
 * `details.localTime`. The driver tells a refusal to no provider, so this is a question that the application asks.
 */
export function explainRefusal(
  error: unknown,
  { now = Date.now() }: RefusalOptions = {},
): AuthError | undefined {
  const { findAuthError }: typeof AuthCore = require('@x/auth-core')
  const found = findAuthError(error)
  if (found?.code !== 'LOGIN_REFUSED') return found
  const { message } = (found.cause ?? {}) as { message?: unknown }
  const says = typeof message === 'string' ? message.slice(0, longest) : ''
  const code = wordings.find(([wording]) => wording.test(says))?.[1] ?? 'SIGNATURE_REFUSED'
  const localTime = new Date(now).toISOString()
  return sigV4Error(
    code,
    `The server refused the login. ${errorTable[code].summary} The clock of this machine says ${localTime}.`,
    { endpoint: found.endpoint, mechanism: 'SigV4', details: { localTime }, cause: found.cause },
  )
}
