import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ExpiryEvent, RotationEvent } from '../../src/index.js'

/** The listeners of the test that is running, and of what it has begun. */
const running = new AsyncLocalStorage<readonly object[]>()

/**
 * Collects what is published on a channel, and waits for what is to come. A channel belongs to the process, and a
 * mutation run has all test files in one: only events of what the test begins from now on are heard.
 */
export function listen<T>(channel: string) {
  const seen: T[] = []
  let wake = () => {}
  running.enterWith([...(running.getStore() ?? []), seen])
  const onMessage = (message: unknown) => {
    if (!running.getStore()?.includes(seen)) return
    // The event object changes as the attempt goes on; what counts is how it was when it was published.
    seen.push({ ...(message as T) })
    wake()
  }
  subscribe(channel, onMessage)
  return {
    seen,
    /** The first event, past or to come, for which `matches` is true. */
    async until(matches: (event: T) => boolean): Promise<T> {
      for (;;) {
        const found = seen.find(matches)
        if (found) return found
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
    stop: () => unsubscribe(channel, onMessage),
  }
}

export const listenToRotation = () => listen<RotationEvent>('tracing:@x/tls:rotation:asyncEnd')
export const listenToErrors = () => listen<RotationEvent>('tracing:@x/tls:rotation:error')
export const listenToExpiry = () => listen<ExpiryEvent>('@x/tls:expiry')
