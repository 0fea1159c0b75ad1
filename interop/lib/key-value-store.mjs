/**
 * The part of Vault's HTTP API that `vaultKv` and `vaultDatabase` use with a token, in this process: one secret that changes, temporary users, and a
 * server that can be down.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

/** @typedef {{ username: string, password: string }} Login */
/** The lifetime of a user: `seconds` from its creation or renewal, and `maxSeconds` in total. @typedef {{ seconds: number, maxSeconds: number }} Term */

/** A day: longer than a run, even if the clock jumps. */
const aDay = { seconds: 86_400, maxSeconds: 86_400 }

/**
 * @param {string} path of the secret below the mount `secret`
 * @param {{ make: () => Promise<Login>, drop?: (login: Login) => unknown }} [users] creates a user in the database, for
 *   the role `app`, and drops it at the end of its lease
 */
export async function startKeyValueStore(path, users) {
  let data = {}
  let isDown = false
  let term = aDay
  /** By id, in the order of creation. @type {Map<string, Lease>} */
  const leases = new Map()
  /** @type {Record<string, (body: { lease_id?: string }) => object | undefined | Promise<object | undefined>>} */
  const routes = {
    '/v1/auth/token/lookup-self': () => ({ data: { ttl: 0, renewable: false } }),
    [`/v1/secret/data/${path}`]: () => ({ data: { data, metadata: { version: 1 } } }),
    ...(users && {
      '/v1/database/creds/app': async () => {
        const login = await users.make()
        const id = `database/creds/app/${leases.size + 1}`
        leases.set(id, new Lease(login, term, async () => users.drop?.(login)))
        return { lease_id: id, lease_duration: term.seconds, renewable: true, data: login }
      },
      '/v1/sys/leases/renew': ({ lease_id: id = '' }) => {
        const lease = leases.get(id)
        if (!lease?.lives) throw Object.assign(new Error('lease not found'), { status: 400 })
        return { lease_id: id, lease_duration: lease.renew(), renewable: true, data: null }
      },
    }),
  }
  const server = createServer(async (request, response) => {
    const route = routes[request.url ?? '']
    /** @type {object} */
    let answer = { errors: ['Vault is sealed'] }
    let status = 503
    if (!isDown) {
      try {
        const found = await route?.(JSON.parse((await text(request)) || '{}'))
        answer = found ?? { errors: [] }
        status = found ? 200 : 404
      } catch (error) {
        // Without a status: Vault's answer when the database has refused.
        const { status: own, message } = /** @type {Error & { status?: number }} */ (error)
        status = own ?? 500
        answer = { errors: [message] }
      }
    }
    response.statusCode = status
    response.end(JSON.stringify(answer))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    address: `http://127.0.0.1:${port}`,
    /** @param {object} fields */
    put(fields) {
      data = fields
    },
    /** Sets the lifetime of users that are created from now on. @param {Term} [next] a day by default */
    lendFor(next = aDay) {
      term = next
    },
    /** Ends all leases at once, like an operator. */
    async revoke() {
      for (const lease of leases.values()) lease.end()
      await Promise.all([...leases.values()].map(({ ended }) => ended))
    },
    /** The lease of the latest user. */
    lease() {
      return [...leases.values()].at(-1)
    },
    /** Stops or starts the server. @param {boolean} down */
    down(down) {
      isDown = down
    },
    async close() {
      for (const lease of leases.values()) lease.cancel()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A temporary user. */
class Lease {
  renewals = 0
  lives = true
  #madeAt = performance.now()
  /** @type {NodeJS.Timeout | undefined} */
  #timer
  #resolve = () => {}

  /** @param {Login} login @param {Term} term @param {() => unknown} drop */
  constructor(login, term, drop) {
    this.login = login
    this.term = term
    /** When the user is gone. */
    this.ended = new Promise((resolve) => {
      this.#resolve = () => resolve(undefined)
    }).then(drop)
    this.#endAfter(term.seconds)
  }

  /** Returns the lifetime from now on, in seconds. */
  renew() {
    this.renewals++
    const left = Math.floor(this.term.maxSeconds - (performance.now() - this.#madeAt) / 1_000)
    const seconds = Math.max(0, Math.min(this.term.seconds, left))
    this.#endAfter(seconds)
    return seconds
  }

  end() {
    this.cancel()
    this.lives = false
    this.#resolve()
  }

  cancel() {
    clearTimeout(this.#timer)
  }

  /** @param {number} seconds */
  #endAfter(seconds) {
    this.cancel()
    this.#timer = setTimeout(() => this.end(), seconds * 1_000)
  }
}
