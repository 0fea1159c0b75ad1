import { constants } from 'node:os'

/** Thirty years: a longer time means the same. */
const maxSeconds = 999_999_999

/** RFC 9110 §10.2.3: seconds, or a date, as milliseconds from `now`. 0 for anything else, and for a date that is past. */
export function retryAfterMs(value: string | undefined, now: number): number {
  if (value === undefined) return 0
  if (/^\d+$/.test(value)) return Math.min(Number(value), maxSeconds) * 1_000
  // RFC 9110 §5.6.7: every form of a date, except the obsolete asctime, ends like this.
  const at = /GMT$/.test(value) ? Date.parse(value) : Number.NaN
  return at > now ? Math.round(at - now) : 0
}

/** More errors than real programs nest; a circle of causes ends here. */
const maxDepth = 8

/**
 * ECONNREFUSED and the like, from as deep as `fetch` hides it; undefined if there is none. The texts of such errors
 * stay out of messages, because some libraries put the request into them.
 */
export function connectionCode(error: unknown): string | undefined {
  for (let each = error, depth = 0; depth < maxDepth && typeof each === 'object' && each !== null; depth++) {
    const { code, cause, errors } = each as { code?: unknown; cause?: unknown; errors?: unknown }
    if (typeof code === 'string' && isKnownCode(code)) return code
    each = cause ?? (Array.isArray(errors) ? errors[0] : undefined)
  }
  return undefined
}

/** Of the system, DNS, Node.js, undici and OpenSSL: a code of another library could be anything. */
function isKnownCode(code: string): boolean {
  if (Object.hasOwn(constants.errno, code) || /^(ENOTFOUND|EAI_[A-Z]{3,12})$/.test(code)) return true
  return /^(ERR|UND_ERR|CERT|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|HOSTNAME)_[A-Z0-9_]{3,50}$/.test(code)
}
