import { availableParallelism } from 'node:os'

/**
 * How many PBKDF2 run at a time: one core is left to the event loop, which would otherwise wait for its turn, and two of the
 * four threads that libuv has by default to DNS and files.
 */
export function maxParallel(): number {
  return availableParallelism() > 2 ? 2 : 1
}

interface Job {
  readonly wanted: () => boolean
  readonly run: () => void
  readonly abandon: () => void
}

/** One queue for the whole process, as the threads are the whole process's. */
const waiting: Job[] = []
let running = 0

/**
 * Runs `work` when few enough others are running, in the order of the calls. A job that nobody wants any more when its
 * turn comes is not run, and rejects: after a deadline has passed, its key must not keep later logins waiting.
 */
export function inTurn<T>(wanted: () => boolean, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const run = () => void work().then(resolve, reject).finally(done)
    waiting.push({ wanted, run, abandon: () => reject(new Error('Nobody waits for this key any more.')) })
    next()
  })
}

function done(): void {
  running--
  next()
}

function next(): void {
  while (running < maxParallel()) {
    const job = waiting.shift()
    if (!job) return
    if (!job.wanted()) {
      job.abandon()
      continue
    }
    running++
    job.run()
  }
}
