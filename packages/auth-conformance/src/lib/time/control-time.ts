import { AsyncLocalStorage } from 'node:async_hooks'
import type { Bench } from '../bench.js'
import { VirtualClock } from './virtual-clock.js'
import { pause } from './waiting.js'

/** The time of a subject, controlled by a clause. */
export interface ControlledTime {
  /** Inside `body`, `setTimeout`, `clearTimeout`, `Date.now` and `performance.now` of globalThis use this time. */
  run<T>(body: () => T): T
  /** Whether a timer was ever set inside. A subject that sets none has its own timers. */
  readonly used: boolean
  advance(ms: number): Promise<void>
  close(): void
}

const current = new AsyncLocalStorage<VirtualClock>()
const machine = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  now: Date.now,
  monotonic: performance.now.bind(performance),
}
let users = 0

/** Other clauses continue in the time of the machine: the context of a call decides which time it uses. */
export function controlTime(): ControlledTime {
  const clock = new VirtualClock()
  if (++users === 1) install()
  return {
    run: (body) => current.run(clock, body),
    get used() {
      return clock.used
    },
    advance: (ms) => clock.advance(ms),
    close: () => {
      if (--users === 0) uninstall()
    },
  }
}

/**
 * Runs `work` with controlled time, so that no result depends on the machine. If the timers of a subject are not those
 * of globalThis, it uses the time of the machine.
 */
export async function inControlledTime(
  bench: Bench,
  work: (pass: (ms: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  const time = controlTime()
  bench.defer(() => time.close())
  await time.run(() => work((ms) => (time.used ? time.advance(ms) : pause(ms))))
}

/** The part of Timeout of Node.js that programs use. */
class VirtualTimeout {
  #timer
  #referenced = true
  readonly #set: () => ReturnType<VirtualClock['schedule']>

  constructor(clock: VirtualClock, action: () => void, delayMs: number) {
    this.#set = () => clock.schedule(delayMs, action)
    this.#timer = this.#set()
  }

  ref(): this {
    this.#referenced = true
    return this
  }

  unref(): this {
    this.#referenced = false
    return this
  }

  hasRef(): boolean {
    return this.#referenced
  }

  refresh(): this {
    this.close()
    this.#timer = this.#set()
    return this
  }

  close(): this {
    this.#timer.cancel()
    return this
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

function install(): void {
  const setTimeout = (action: (...args: unknown[]) => void, delayMs = 0, ...args: unknown[]) => {
    const clock = current.getStore()
    if (!clock) return machine.setTimeout(action, delayMs, ...args)
    return new VirtualTimeout(clock, () => action(...args), delayMs)
  }
  const clearTimeout = (timer: unknown) => {
    if (timer instanceof VirtualTimeout) timer.close()
    else machine.clearTimeout(timer as NodeJS.Timeout)
  }
  Object.assign(globalThis, { setTimeout, clearTimeout })
  Date.now = () => current.getStore()?.now() ?? machine.now()
  performance.now = () => current.getStore()?.monotonic() ?? machine.monotonic()
}

function uninstall(): void {
  Object.assign(globalThis, { setTimeout: machine.setTimeout, clearTimeout: machine.clearTimeout })
  Date.now = machine.now
  // Without an own property, it uses that of its class again.
  Reflect.deleteProperty(performance, 'now')
}
