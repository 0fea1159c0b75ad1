import { constants } from 'node:os'
import type { AuthError, AuthErrorDetails } from '../../errors.js'

/** More errors than real programs nest; a circle of causes ends here. */
const maxDepth = 8

const tlsBrand = Symbol.for('@x/tls:error')

/** What fails in TLS for now: another attempt can end otherwise. */
const passing = new Set(['HANDSHAKE_FAILED', 'PORT_CLOSED', 'CONNECTION_CLOSED', 'CONNECT_TIMEOUT'])

/** Why there was no connection, in words that are safe to print. */
interface Reason {
  /** ECONNREFUSED and the like, or a code of @x/tls-profiles such as NAME_MISMATCH. */
  readonly code: string
  /** What is wrong in TLS, where another attempt ends in the same way. */
  readonly lasting?: string | undefined
  /** An error of @x/tls-profiles, which is safe to print whole. */
  readonly cause?: Error | undefined
}

const lasting = new WeakSet<object>()

/** Whether another attempt ends in the same way: TLS does not accept the server, or the server this client. */
export function isLasting(error: object): boolean {
  return lasting.has(error)
}

/**
 * The error for a request that got no answer: `make` gets what happened, and `details.code`. Of texts only those of @x/tls-profiles
 * are repeated: some libraries put the request into theirs.
 */
export function connectionError(
  error: unknown,
  who: string,
  make: (problem: string, more: Pick<AuthErrorDetails, 'details' | 'cause'>) => AuthError,
): AuthError {
  const reason = reasonOf(error)
  if (!reason) return make(`${who} could not be reached.`, { details: {} })
  const { code, cause } = reason
  const why = reason.lasting === undefined ? '' : ` ${reason.lasting}`
  const made = make(`${who} could not be reached (${code}).${why}`, { details: { code }, cause })
  if (reason.lasting !== undefined) lasting.add(made)
  return made
}

/** From as deep as `fetch` hides it. */
function reasonOf(error: unknown): Reason | undefined {
  for (let each = error, depth = 0; depth < maxDepth && typeof each === 'object' && each !== null; depth++) {
    const { code, cause, errors } = each as { code?: unknown; cause?: unknown; errors?: unknown }
    if (typeof code === 'string') {
      if (tlsBrand in each) return ofProfile(each as unknown as Error, code)
      if (isKnownCode(code)) return { code, lasting: lastingProblem(code) }
    }
    each = cause ?? (Array.isArray(errors) ? errors[0] : undefined)
  }
  return undefined
}

function ofProfile(cause: Error, code: string): Reason {
  return { code, lasting: passing.has(code) ? undefined : cause.message, cause }
}

function lastingProblem(code: string): string | undefined {
  // Not on import: hardly any connection fails.
  const { tlsFailureCode, tlsFailures } = require('../tls-failures.js') as typeof import('../tls-failures.js')
  const failure = tlsFailureCode(code, '')
  return failure === undefined || passing.has(failure) ? undefined : tlsFailures[failure].summary
}

/** Of the system, DNS, Node.js, undici and OpenSSL: a code of another library could be anything. */
function isKnownCode(code: string): boolean {
  if (Object.hasOwn(constants.errno, code) || /^(ENOTFOUND|EAI_[A-Z]{3,12})$/.test(code)) return true
  return /^(ERR|UND_ERR|CERT|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|HOSTNAME)_[A-Z0-9_]{3,50}$/.test(code)
}
