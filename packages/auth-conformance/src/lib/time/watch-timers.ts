import { AsyncLocalStorage, createHook } from 'node:async_hooks'
import { ownTimers } from './waiting.js'

/** The timers that are made inside `run`, even if others make some at the same time. */
export interface TimerWatch {
  run<T>(body: () => T): T
  /** How many of them keep the process alive: they are neither cleared, nor fired, nor unref'd. */
  keepingAlive(): Promise<number>
  close(): void
}

export function watchTimers(): TimerWatch {
  const storage = new AsyncLocalStorage<true>()
  const timers = new Map<number, NodeJS.Timeout>()
  const hook = createHook({
    init(id, type, _trigger, resource) {
      if (type === 'Timeout' && storage.getStore()) timers.set(id, resource as NodeJS.Timeout)
    },
    destroy: (id) => void timers.delete(id),
  }).enable()
  return {
    run: (body) => storage.run(true, body),
    async keepingAlive() {
      // Node.js reports cleared timers after a turn of the event loop.
      for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
      return [...timers.values()].filter((timer) => timer.hasRef() && !ownTimers.has(timer)).length
    },
    close: () => void hook.disable(),
  }
}
