/**
 * Events of `node:diagnostics_channel`. A channel belongs to the process, and a mutation run has all test files in one: a
 * login of another file may still end. So a test hears only what its own calls publish.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'

/** What was published: on which channel, the object itself, and a copy of how it was then. */
export interface Published<T> {
  readonly channel: string
  readonly event: T
  readonly copy: T
}

const running = new AsyncLocalStorage<object>()

/** Runs it, and returns what it publishes on these channels, also by what it begins, until it has ended. */
export async function publishedBy<T extends object>(
  channels: string | readonly string[],
  run: (soFar: readonly Published<T>[]) => unknown,
): Promise<readonly Published<T>[]> {
  const found: Published<T>[] = []
  const listeners = [channels].flat().map((channel) => {
    const listen = (message: unknown) => {
      if (running.getStore() === found)
        found.push({ channel, event: message as T, copy: { ...(message as T) } })
    }
    subscribe(channel, listen)
    return () => unsubscribe(channel, listen)
  })
  try {
    await running.run(found, async () => run(found))
  } finally {
    for (const stop of listeners) stop()
  }
  return found
}

/** How the logins end that `run` begins. */
export const exchangeEnd = 'tracing:@x/auth:exchange:asyncEnd'
