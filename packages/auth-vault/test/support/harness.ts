import type { AuthError, CredentialContext } from '@x/auth-core'
import { ManualClock } from './manual-clock.js'
import { VaultServer } from './vault-server.js'

/** What a login asks a source with. */
export function contextOf(more: Partial<CredentialContext> = {}): CredentialContext {
  return {
    endpoint: '127.0.0.1:9042',
    address: '127.0.0.1',
    port: 9042,
    authenticator: 'org.apache.cassandra.auth.PasswordAuthenticator',
    signal: new AbortController().signal,
    ...more,
  }
}

/** A server, a clock that both go by, and a `fetch` that says when nothing is under way. */
export async function vaultOf() {
  const clock = new ManualClock()
  const server = await new VaultServer(clock).listen()
  let underWay = 0
  const fetch: typeof globalThis.fetch = async (...args) => {
    underWay++
    try {
      const response = await globalThis.fetch(...args)
      const body = await response.arrayBuffer()
      const { status, headers } = response
      return new Response(status === 204 ? null : body, { status, headers })
    } finally {
      underWay--
    }
  }
  /** Waits until the source has nothing more to do at this time. */
  const settled = async () => {
    for (let quiet = 0; quiet < 3; quiet = underWay === 0 ? quiet + 1 : 0) await new Promise(setImmediate)
  }
  /** Moves the time on from timer to timer; what is due is done before the next one. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; ) {
      const step = Math.min(left, Math.max(clock.nextIn, 1))
      clock.advance(step)
      left -= step
      await settled()
    }
  }
  const { address } = server
  return { clock, server, options: { address, clock, fetch }, pass, settled }
}

/** The error that a promise ends with. */
export async function failureOf(action: () => unknown): Promise<AuthError> {
  try {
    await action()
  } catch (error) {
    return error as AuthError
  }
  throw new Error('expected an error')
}
