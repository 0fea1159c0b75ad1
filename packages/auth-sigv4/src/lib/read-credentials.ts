import { types } from 'node:util'
import { authError, canEndAt, Secret } from '@x/auth-core/base'
import type { AwsCredentials } from '../credentials.js'

/** Credentials as they are used: each field read once, by name, and checked. */
export interface ReadCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: Secret
  readonly sessionToken: Secret | undefined
  readonly expiresAt: Date | undefined
}

/** Takes credentials as the AWS SDK v3 gives them. Errors: CREDENTIALS_INVALID, which names the field. */
export function readCredentials(value: unknown): ReadCredentials {
  if (typeof value !== 'object' || value === null) {
    throw authError(
      'CREDENTIALS_INVALID',
      'Expected credentials with accessKeyId and secretAccessKey, as the AWS SDK has them.',
    )
  }
  const { accessKeyId, secretAccessKey, sessionToken, expiration, expiresAt } = value as AwsCredentials
  checkText('accessKeyId', accessKeyId)
  return {
    accessKeyId,
    secretAccessKey: checkedSecret('secretAccessKey', secretAccessKey),
    // AWS's tools write an absent token as the empty text.
    sessionToken:
      sessionToken === undefined || sessionToken === null || sessionToken === ''
        ? undefined
        : checkedSecret('sessionToken', sessionToken),
    expiresAt: earliest(expiration, expiresAt),
  }
}

/** Errors: CREDENTIALS_EXPIRED. */
export function refuseExpired({ expiresAt }: { readonly expiresAt?: Date | undefined }, now: number): void {
  if (!expiresAt || expiresAt.getTime() > now) return
  throw authError('CREDENTIALS_EXPIRED', `The credentials expired at ${expiresAt.toISOString()}.`)
}

function checkedSecret(field: string, value: unknown): Secret {
  const text: unknown = Secret.is(value) ? value.use((held) => held) : value
  checkText(field, text)
  return new Secret(text)
}

/** What no AWS credential contains, and what would break the answer apart. */
function checkText(field: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw invalid(field, 'is not a string')
  if (value === '') throw invalid(field, 'is empty')
  // The first half has the control characters, by what they are not: \p{Cc} would cost a third of a millisecond on import.
  if (/[^!-~\u00a1-\u{10ffff}]|\s/u.test(value)) {
    throw invalid(
      field,
      'contains white space or a control character (a line break of the file it came from?)',
    )
  }
  if (!value.isWellFormed()) throw invalid(field, 'contains half a surrogate pair, which has no UTF-8 form')
  // The answer is a list of key=value with commas between; of the secret nothing is sent.
  if (field !== 'secretAccessKey' && value.includes(',')) throw invalid(field, 'contains a comma')
}

function invalid(field: string, problem: string) {
  return authError('CREDENTIALS_INVALID', `The ${field} of the credentials ${problem}.`)
}

/** A copy, so that nobody can move the end of what was checked; a Date may be that of another realm. Null would mean forever, and is refused. */
function earliest(...given: readonly unknown[]): Date | undefined {
  const times = given
    .filter((time) => time !== undefined)
    .map((time) => (types.isDate(time) ? Date.prototype.getTime.call(time) : Number.NaN))
  if (times.some(Number.isNaN)) throw invalid('expiration', 'is not a valid Date')
  if (!times.every(canEndAt)) throw invalid('expiration', 'is beyond the year 9999: a mistake in its unit')
  return times.length === 0 ? undefined : new Date(Math.min(...times))
}
