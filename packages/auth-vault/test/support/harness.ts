import type { AuthError, Clock, CredentialContext } from '@x/auth-core'
import { ManualClock } from './manual-clock.js'
import { VaultServer } from './vault-server.js'

/** The context of a login. */
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

/**
 * A Vault in this process, and a clock for it and the client. Nothing waits for a socket, so nothing depends on the
 * speed of the machine.
 */
export function vaultOf(now?: number) {
  const clock = new ManualClock(now)
  const server = new VaultServer(clock)
  let jumped = 0
  /** The clock of the client, which may jump while Vault's does not. */
  const clientClock = {
    now: () => clock.now() + jumped,
    schedule: clock.schedule.bind(clock),
    jump: (ms: number) => {
      jumped += ms
    },
  }
  /** Waits until the source has nothing more to do at this time: all promises have settled. */
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
  /** Moves the time forward from timer to timer. All work that is due is done before the next one. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; ) {
      const step = Math.min(left, Math.max(clock.nextIn, 1))
      clock.advance(step)
      left -= step
      await settled()
    }
  }
  /** The result of `action`. Pauses between attempts and time-outs pass at once. */
  const outcomeOf = async <T>(action: () => Promise<T>): Promise<T | AuthError> => {
    let over = false
    const outcome = action()
      .catch((error: AuthError) => error)
      .finally(() => {
        over = true
      })
    for (await settled(); !over; await settled()) clock.advance(clock.nextIn)
    return outcome
  }
  const options = { address: 'https://vault.example:8200', clock: clientClock, fetch: server.fetch }
  return { clock, clientClock, server, options, pass, settled, outcomeOf }
}

/** For tests over sockets: pauses between attempts end at once, and time-outs never fire. */
export const impatientClock: Clock = {
  now: () => Date.now(),
  schedule(delayMs, action) {
    const due = delayMs < 1_000 ? setImmediate(action) : undefined
    return { ref: () => due?.ref(), unref: () => due?.unref(), cancel: () => clearImmediate(due) }
  },
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
