import type { Secret } from '@x/auth-core/base'
import { type ReadCredentials, readCredentials, refuseExpired } from './read-credentials.js'
import type { Signer } from './signer.js'

/** Today's and, around midnight, yesterday's; more only where one credential signs for several regions. */
const maxSigners = 4

const dayMs = 86_400_000

/** What `cached` keeps and hands out: plain, so that it can say of it that it may be used beyond its end (`maxStaleMs`). */
export interface KeptCredentials {
  readonly signing: SigningCredentials
  readonly expiresAt?: Date
}

/** The credentials of one login. */
export class LoginCredentials {
  readonly #signing: SigningCredentials
  readonly #expiresAt: Date | undefined

  /** Takes those that were kept, or credentials as the AWS SDK v3 gives them. Errors: CREDENTIALS_INVALID, which names the field. */
  constructor(value: unknown) {
    const kept = value as Partial<KeptCredentials> | null | undefined
    const { signing, expiresAt } =
      kept?.signing instanceof SigningCredentials ? kept : SigningCredentials.kept(value)
    this.#signing = signing as SigningCredentials
    this.#expiresAt = expiresAt
  }

  /** The answer to a challenge. Errors: CREDENTIALS_EXPIRED. */
  async answer(region: string, nonce: Uint8Array, now: number): Promise<Buffer> {
    refuseExpired({ expiresAt: this.#expiresAt }, now)
    return this.#signing.answer(region, nonce, now)
  }
}

/**
 * Checked credentials and the keys derived from them. `cached` hands the same object to all logins, so a key is
 * derived once for each day and region, and is gone with the credentials that it belongs to.
 */
export class SigningCredentials {
  readonly accessKeyId: string
  readonly #secretAccessKey: Secret
  readonly #sessionToken: Secret | undefined
  readonly #signers = new Map<string, Promise<Signer>>()

  /** Takes credentials as the AWS SDK v3 gives them. Errors: CREDENTIALS_INVALID, which names the field. */
  static kept(value: unknown): KeptCredentials {
    const read = readCredentials(value)
    const { expiresAt } = read
    return { signing: new SigningCredentials(read), ...(expiresAt && { expiresAt }) }
  }

  private constructor({ accessKeyId, secretAccessKey, sessionToken }: ReadCredentials) {
    this.accessKeyId = accessKeyId
    this.#secretAccessKey = secretAccessKey
    this.#sessionToken = sessionToken
  }

  /** The answer to a challenge. */
  async answer(region: string, nonce: Uint8Array, now: number): Promise<Buffer> {
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
