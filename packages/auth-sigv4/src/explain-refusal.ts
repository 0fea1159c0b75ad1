import type * as AuthCore from '@x/auth-core'
import type { AuthError } from '@x/auth-core'
import { isError, optionBag, readOptions, refuseMore, type Spec, some } from '@x/auth-core/base'
import { errorTable, type SigV4ErrorCode, sigV4Error } from './errors.js'

export interface RefusalOptions {
  /** The time of this machine, in milliseconds since the epoch. Default `Date.now()`. */
  readonly now?: number | undefined
}

export const refusalBag = optionBag('explainRefusal', {
  now: {
    ...some<number>('a time in milliseconds since the epoch', isTime),
    shown: '`Date.now()`',
    why: 'What the signature was made with.',
  },
} satisfies Spec<RefusalOptions>)

function isTime(value: unknown): boolean {
  return typeof value === 'number' && !Number.isNaN(new Date(value).getTime())
}

/**
 * How AWS words it, in its services and in its SDKs; the first that fits counts. The words only choose an explanation,
 * and never decide whether something is allowed: any server may send them.
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
 * further if its text allows it (CLOCK_SKEW, SIGNATURE_MISMATCH …), and always has the time of this machine:
 * `details.localTime`. In the process that logged in, `findAuthError` says the same; this function also works in
 * another process.
 */
export function explainRefusal(error: unknown, options?: RefusalOptions): AuthError | undefined
export function explainRefusal(
  error: unknown,
  options: RefusalOptions = {},
  ...more: readonly unknown[]
): AuthError | undefined {
  refuseMore('explainRefusal', more, 'an error and one object with options')
  const { now = Date.now() } = readOptions(refusalBag, options)
  const { findAuthError }: typeof AuthCore = require('@x/auth-core')
  const found = findAuthError(error)
  return found && (found.code === 'LOGIN_REFUSED' || isExplained(found))
    ? signatureRefused(found, now)
    : found
}

/** The same for an error that is known to be a refusal. */
export function signatureRefused({ endpoint, cause }: AuthError, now: number): AuthError {
  const code = codeOf(isError(cause) ? cause.message : undefined)
  const localTime = new Date(now).toISOString()
  // Not the server's own words: they may repeat the token, the key or the signature, in whatever form.
  const problem = `${errorTable[code].summary} The server's text is in \`cause\`. The time of this machine is ${localTime}.`
  return sigV4Error(code, problem, { endpoint, mechanism: 'SigV4', details: { localTime }, cause })
}

/** By `findAuthError`, with the time of that moment. */
function isExplained({ code, mechanism }: AuthError): boolean {
  const codes: readonly string[] = [unexplained, ...wordings.map(([, each]) => each)]
  return mechanism === 'SigV4' && codes.includes(code)
}

const unexplained: SigV4ErrorCode = 'SIGNATURE_REFUSED'

function codeOf(words: unknown): SigV4ErrorCode {
  const says = typeof words === 'string' ? words.slice(0, longest) : ''
  return wordings.find(([wording]) => wording.test(says))?.[1] ?? unexplained
}
