import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ExpiryEvent, RotationEvent } from '../../src/index.js'

/** Collects the events of a channel, and waits for later ones. */
export function listen<T>(channel: string) {
  const seen: T[] = []
  let wake = () => {}
  const onMessage = (message: unknown) => {
    // The event object changes during the attempt, so its state at the time of publication is kept.
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
