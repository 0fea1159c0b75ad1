import { AuthError } from '../../errors.js'
import { problemOf } from '../login/adopt-error.js'

/** A source that fails: since when, how often, and the last reason. */
export class SourceFailure {
  readonly error: AuthError
  readonly since: number
  readonly at: number
  readonly count: number

  constructor(error: AuthError, now: number, before?: SourceFailure) {
    this.error = error
    this.at = now
    this.since = before?.since ?? now
    this.count = (before?.count ?? 0) + 1
  }

  /**
   * How long logins leave the source alone: after one failure the next login asks again. If the source keeps failing,
   * the pause grows, up to `maxMs`.
   */
  leftAloneMs(maxMs: number): number {
    return this.count === 1 ? 0 : Math.min(maxMs, (maxMs / 32) * 2 ** (this.count - 2))
  }

  /** The error for a login that cannot be served: the last one, and its history. */
  toError(expiredAt: number | undefined): AuthError {
    const { error, count } = this
    const failingSince = new Date(this.since).toISOString()
    const expired =
      expiredAt === undefined
        ? ''
        : ` The last good credentials expired at ${new Date(expiredAt).toISOString()}.`
    return new AuthError(
      error.code,
      { fault: error.fault, summary: '', remedy: error.remedy },
      `${problemOf(error)} The source has failed since ${failingSince} (attempts: ${count}).${expired}`,
      { cause: error.cause, details: { ...error.details, failingSince, attempts: String(count) } },
    )
  }
}
