import { applyEnvironment, type KerberosEnvironment } from './environment.js'

/** Native work that may wait for a KDC. */
export interface TicketJob<T> {
  /**
   * Whose ticket for which server. One job for each key runs at a time, and its failure is the failure of all jobs that
   * wait for that key.
   */
  readonly key: string
  /** What the native code finds in the environment of the process. */
  readonly environment: KerberosEnvironment
  readonly work: () => Promise<T>
}

/** A place in the queue. */
export interface Place<T> {
  readonly result: Promise<T>
  /** Whether the native code is at work; then it cannot be stopped. */
  readonly started: () => boolean
  /** Nobody waits for the result any more: a job that has not begun is dropped. */
  leave(): void
}

interface Entry {
  readonly key: string
  readonly environment: KerberosEnvironment
  readonly environmentKey: string
  readonly run: () => Promise<void>
  readonly fail: (error: unknown) => void
}

/**
 * Native calls that may wait for a KDC, one queue for the process. A call holds one of libuv's threads, for half a
 * minute if a KDC does not answer. DNS, files and PBKDF2 need these threads too, so only a few calls run at a time.
 * Keytab and ticket cache are variables of the process: so only jobs with the same ones run together.
 */
export class TicketQueue {
  readonly #limit: number
  readonly #waiting: Entry[] = []
  readonly #running = new Set<Entry>()
  #restore: () => void = () => undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  enter<T>({ key, environment, work }: TicketJob<T>): Place<T> {
    const { promise, resolve, reject } = settleable<T>()
    const entry: Entry = {
      key,
      environment,
      environmentKey: JSON.stringify(environment),
      fail: reject,
      run: async () => {
        try {
          resolve(await work())
        } catch (error) {
          reject(error)
          this.#failOthers(key, error)
        }
      },
    }
    this.#waiting.push(entry)
    this.#next()
    return {
      result: promise,
      started: () => !this.#waiting.includes(entry),
      leave: () => this.#remove(entry),
    }
  }

  #next(): void {
    // A copy, because a job that begins is removed.
    for (const entry of [...this.#waiting]) {
      if (this.#running.size >= this.#limit) return
      const [other] = this.#running
      // Nobody overtakes a job that waits for its environment, or it might wait forever.
      if (other && other.environmentKey !== entry.environmentKey) return
      const keyTaken = [...this.#running].some(({ key }) => key === entry.key)
      if (!keyTaken) this.#start(entry)
    }
  }

  #start(entry: Entry): void {
    this.#remove(entry)
    if (this.#running.size === 0) this.#restore = applyEnvironment(entry.environment)
    this.#running.add(entry)
    void entry.run().finally(() => {
      this.#running.delete(entry)
      if (this.#running.size === 0) this.#restore()
      this.#next()
    })
  }

  /** They would ask the same KDC the same question, and wait as long for the same answer. */
  #failOthers(key: string, error: unknown): void {
    for (const entry of this.#waiting.filter((each) => each.key === key)) {
      this.#remove(entry)
      entry.fail(error)
    }
  }

  #remove(entry: Entry): void {
    const index = this.#waiting.indexOf(entry)
    if (index >= 0) this.#waiting.splice(index, 1)
  }
}

/** Two of the four threads that libuv has by default, and one where it has fewer. */
export function ticketLimit(threads: string | undefined = process.env['UV_THREADPOOL_SIZE']): number {
  const size = threads === undefined ? 4 : Number(threads)
  return size >= 4 ? 2 : 1
}

const shared = Symbol.for('@x/auth-sasl:ticket-queue')

/** One for all copies of this package, as the environment is one for all of them. */
export function processQueue(): TicketQueue {
  const holder = globalThis as { [shared]?: TicketQueue }
  holder[shared] ??= new TicketQueue(ticketLimit())
  return holder[shared]
}

function settleable<T>() {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((resolveIt, rejectIt) => {
    resolve = resolveIt
    reject = rejectIt
  })
  // A caller that has left does not look at it.
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}
