import type { Clock } from '@x/auth-core'

/**
 * A clock whose millisecond is one turn of the event loop. Servers of these tests run in this process, and so act within some turns
 * or never: no verdict depends on how fast the machine is, and nobody waits for a server that is silent.
 */
export function turnClock(beginsAt = Date.now()): Clock {
  let turns = 0
  const pending = new Set<{ at: number; action: () => void }>()
  let isTurning = false
  const turn = () => {
    turns++
    for (const timer of [...pending].filter(({ at }) => at <= turns)) {
      pending.delete(timer)
      timer.action()
    }
    isTurning = pending.size > 0
    if (isTurning) setImmediate(turn)
  }
  return {
    now: () => beginsAt + turns,
    schedule(delayMs, action) {
      const timer = { at: turns + delayMs, action }
      pending.add(timer)
      if (!isTurning) setImmediate(turn)
      isTurning = true
      return { ref: () => {}, unref: () => {}, cancel: () => void pending.delete(timer) }
    },
  }
}
