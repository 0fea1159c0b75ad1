import { authError, Secret } from '@x/auth-core/base'
import type { AwsCredentials } from '../credentials.js'
import type { Signer } from './signer.js'

/** Today's and, around midnight, yesterday's; more only where one credential signs for several regions. */
const maxSigners = 4

const dayMs = 86_400_000

/**
 * Checked credentials and the keys derived from them. `cached` hands the same object to all logins, so a key is
 * derived once for each day and region, and is gone with the credentials that it belongs to.
 */
export class SigningCredentials {
  readonly accessKeyId: string
  declare readonly expiresAt?: Date
  readonly #secretAccessKey: Secret
  readonly #sessionToken: Secret | undefined
  readonly #signers = new Map<string, Promise<Signer>>()

  /** Takes credentials as the AWS SDK v3 gives them. Errors: CREDENTIALS_INVALID, which names the field. */
  static of(value: unknown): SigningCredentials {
    return value instanceof SigningCredentials ? value : new SigningCredentials(fieldsOf(value))
  }

  private constructor({ accessKeyId, secretAccessKey, sessionToken, ...times }: AwsCredentials) {
    checkText('accessKeyId', accessKeyId)
    this.accessKeyId = accessKeyId
    this.#secretAccessKey = checkedSecret('secretAccessKey', secretAccessKey)
    // AWS's tools write an absent token as the empty text.
    this.#sessionToken =
      sessionToken === undefined || sessionToken === null || sessionToken === ''
        ? undefined
        : checkedSecret('sessionToken', sessionToken)
    const expiresAt = earliest(times)
    if (expiresAt) this.expiresAt = expiresAt
  }

  /** The answer to a challenge. Errors: CREDENTIALS_EXPIRED. */
  async answer(region: string, nonce: Uint8Array, now: number): Promise<Buffer> {
    if (this.expiresAt && this.expiresAt.getTime() <= now) {
      throw authError('CREDENTIALS_EXPIRED', `The credentials expired at ${this.expiresAt.toISOString()}.`)
    }
    const signer = await this.#signer(Math.floor(now / dayMs), region)
    const head = signer.answer(this.accessKeyId, nonce, now)
    return Buffer.from(this.#sessionToken?.use((token) => `${head},session_token=${token}`) ?? head)
  }

  /** `day`: since the epoch. */
  #signer(day: number, region: string): Promise<Signer> {
    const name = `${day}/${region}`
    const known = this.#signers.get(name)
    if (known) return known
    const date = new Date(day * dayMs).toISOString().slice(0, 10).replaceAll('-', '')
    // At the first login, not on import.
    const { deriveSigner } = require('./derive-signer.js') as typeof import('./derive-signer.js')
    const signer = this.#secretAccessKey.use((secret) => deriveSigner(this.accessKeyId, secret, date, region))
    this.#signers.set(name, signer)
    signer.catch(() => this.#signers.delete(name))
    for (const oldest of this.#signers.keys()) {
      if (this.#signers.size <= maxSigners) break
      this.#signers.delete(oldest)
    }
    return signer
  }
}

function fieldsOf(value: unknown): AwsCredentials {
  if (typeof value === 'object' && value !== null) return value as AwsCredentials
  throw authError(
    'CREDENTIALS_INVALID',
    'Expected credentials with accessKeyId and secretAccessKey, as the AWS SDK has them.',
  )
}

function checkedSecret(field: string, value: unknown): Secret {
  const secret = Secret.is(value) ? (value as Secret) : new Secret(value as string)
  secret.use((text) => checkText(field, text))
  return secret
}

/** What no AWS credential contains, and what would break the answer apart. */
function checkText(field: string, value: unknown): void {
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

function earliest({ expiration, expiresAt }: Pick<AwsCredentials, 'expiration' | 'expiresAt'>) {
  const times = [expiration, expiresAt].filter((time) => time !== undefined && time !== null)
  for (const time of times) {
    if (time instanceof Date && !Number.isNaN(time.getTime())) continue
    throw invalid('expiration', 'is not a valid Date')
  }
  return times.sort((a, b) => a.getTime() - b.getTime())[0]
}
