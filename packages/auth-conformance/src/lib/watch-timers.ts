import { AsyncLocalStorage, createHook } from 'node:async_hooks'
import { ownTimers } from './waiting.js'

/** Timers that come into being inside `run`, whoever else makes some at the same time. */
export interface TimerWatch {
  run<T>(body: () => T): T
  /** How many of them would keep the process alive now. */
  keepingAlive(): number
  close(): void
}

export function watchTimers(): TimerWatch {
  const storage = new AsyncLocalStorage<Set<NodeJS.Timeout>>()
  const timers = new Set<NodeJS.Timeout>()
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === 'Timeout') storage.getStore()?.add(resource as NodeJS.Timeout)
    },
  }).enable()
  return {
    run: (body) => storage.run(timers, body),
    // False for one that is unref'd, and for one that was cleared or has fired.
    keepingAlive: () => [...timers].filter((timer) => timer.hasRef() && !ownTimers.has(timer)).length,
    close: () => void hook.disable(),
  }
}
