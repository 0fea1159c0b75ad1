import type { Expiring } from '@x/auth-core'
import type { PasswordCredentials } from '@x/auth-core/base'
import { passwordOf } from './database-user.js'
import type { VaultClient } from './vault-client.js'
import type { VaultSession } from './vault-session.js'
import type { Asking, Question } from './vault-source.js'
import { millis, objectOf } from './vault-token.js'

/** How soon a cache looks whether the time of the rotation has come, and how seldom: a machine may have slept. */
const [soonestMs, seldomMs] = [500, 60_000]

/** A timer of Node.js may fire a millisecond before the clock says so; a whole look would be lost. */
const earlyMs = 50

/**
 * The user of a static role: Vault changes its password from time to time, and says when it will. The old password is of no use
 * from that moment on, and the new one is not available before it.
 */
export class StaticUser implements Asking<PasswordCredentials> {
  readonly #client: VaultClient
  readonly #session: VaultSession
  readonly #path: string
  /** How soon to look again where Vault says 0. */
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
    // While it rotates Vault still says 0, for a moment; where it cannot, or does not rotate by itself, for as long as that lasts.
    this.#soonMs = ttlMs > 0 ? soonestMs : Math.min(2 * this.#soonMs, seldomMs)
    let lookedAt = clock.now()
    watch?.({
      get everyMs() {
        return Math.min(Math.max(rotatesAt - clock.now(), soonestMs), seldomMs)
      },
      changed: () => {
        const now = clock.now()
        // A clock that was set back does not know any more when the time has come: Vault does.
        const setBack = now < lookedAt
        lookedAt = now
        return setBack || now + earlyMs >= rotatesAt
      },
    })
    return passwordOf(data)
  }
}
