import type { Expiring } from '@x/auth-core'
import type { PasswordCredentials } from '@x/auth-core/base'
import { passwordOf } from './database-user.js'
import type { VaultClient } from './vault-client.js'
import type { VaultSession } from './vault-session.js'
import type { Asking, Question } from './vault-source.js'
import { millis, objectOf } from './vault-token.js'

/**
 * The shortest and the longest pause before the cache checks whether the password has changed. The longest one is short
 * enough for a machine that was asleep.
 */
const [soonestMs, seldomMs] = [500, 60_000]

/**
 * A timer of Node.js may fire a millisecond before the clock reaches its time. Without this margin that check would
 * find no change, and the next one comes a pause later.
 */
const earlyMs = 50

/**
 * The user of a static role. Vault changes its password from time to time, and announces when. At that moment the old
 * password stops working; the new one is not available earlier.
 */
export class StaticUser implements Asking<PasswordCredentials> {
  readonly #client: VaultClient
  readonly #session: VaultSession
  readonly #path: string
  /** How soon to look again while Vault answers `ttl` 0. */
  #soonMs = soonestMs

  constructor(client: VaultClient, session: VaultSession, path: string) {
    this.#client = client
    this.#session = session
    this.#path = path
  }

  async ask({ signal, watch }: Question): Promise<Expiring<PasswordCredentials>> {
    const answer = await this.#session.request({ method: 'GET', path: this.#path, signal })
    const data = objectOf(answer['data'], 'data')
    const { clock } = this.#client
    const ttlMs = millis(data['ttl'])
    const rotatesAt = clock.now() + Math.max(ttlMs, this.#soonMs)
    // During a rotation Vault answers 0 for a moment. If it cannot rotate the password, or does not rotate it on its
    // own, it answers 0 until that changes.
    this.#soonMs = ttlMs > 0 ? soonestMs : Math.min(2 * this.#soonMs, seldomMs)
    let lookedAt = clock.now()
    watch?.({
      get everyMs() {
        return Math.min(Math.max(rotatesAt - clock.now(), soonestMs), seldomMs)
      },
      changed: () => {
        const now = clock.now()
        // If the clock was set back, it does not show whether the time has come. So ask Vault.
        const setBack = now < lookedAt
        lookedAt = now
        return setBack || now + earlyMs >= rotatesAt
      },
    })
    return passwordOf(data)
  }
}
