import { availableParallelism } from 'node:os'

/**
 * How many PBKDF2 run at a time. One core stays free for the event loop, and two of libuv's four default threads stay
 * free for DNS and files.
 */
export function maxParallel(): number {
  return availableParallelism() > 2 ? 2 : 1
}

/** A derivation that waits for its turn. */
export interface Derivation<T> {
  /** Who shares: all providers get the same share, and within one, all servers. */
  readonly provider: object
  readonly endpoint: string
  /** How long it takes, in milliseconds of a core. */
  readonly costMs: number
  /** Asked when its turn comes. */
  readonly wanted: () => boolean
  readonly work: () => Promise<T>
}

interface Job {
  readonly costMs: number
  readonly wanted: () => boolean
  readonly run: () => Promise<void>
  readonly abandon: () => void
}

/** Jobs of one server, the cheapest first. `start`: up to when it has been served, on the clock of those who share. */
interface Server {
  start: number
  readonly jobs: Job[]
}

interface Provider {
  start: number
  clock: number
  readonly servers: Map<string, Server>
}

interface Candidate {
  readonly provider: Provider
  readonly server: Server
  readonly job: Job
  /** When it would be done, on the clock of the servers, and on that of the providers. */
  readonly serverDue: number
  readonly due: number
}

/**
 * Runs derivations, few at a time, by fair queueing (self-clocked, Golestani 1994) on two levels: the next job is the
 * one that would be done first, counted from the share that it has had. So cheap jobs come first, costly jobs also
 * come, and a server that asks for much delays only itself, apart from the one derivation that is running.
 */
export class DerivationQueue {
  readonly #limit: number
  readonly #providers = new Map<object, Provider>()
  #clock = 0
  #running = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /**
   * A job that nobody wants any more when its turn comes is not run, and rejects: after a deadline has passed, its key must not
   * keep later logins waiting.
   */
  enter<T>({ provider, endpoint, costMs, wanted, work }: Derivation<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = () => work().then(resolve, reject)
      const abandon = () => reject(new Error('Nobody waits for this key any more.'))
      const { jobs } = this.#serverOf(provider, endpoint)
      const dearer = jobs.findIndex((job) => job.costMs > costMs)
      jobs.splice(dearer < 0 ? jobs.length : dearer, 0, { costMs, wanted, run, abandon })
      this.#next()
    })
  }

  #serverOf(key: object, endpoint: string): Server {
    const provider = this.#providers.get(key) ?? { start: this.#clock, clock: 0, servers: new Map() }
    this.#providers.set(key, provider)
    const server = provider.servers.get(endpoint) ?? { start: provider.clock, jobs: [] }
    provider.servers.set(endpoint, server)
    return server
  }

  #next(): void {
    while (this.#running < this.#limit) {
      const first = this.#first()
      if (!first) return
      first.server.jobs.shift()
      this.#forgetIdle()
      if (first.job.wanted()) this.#start(first)
      else first.job.abandon()
    }
  }

  #start({ provider, server, job, serverDue, due }: Candidate): void {
    server.start = serverDue
    provider.clock = Math.max(provider.clock, serverDue)
    provider.start = due
    this.#clock = Math.max(this.#clock, due)
    this.#running++
    void job.run().finally(() => {
      this.#running--
      this.#next()
    })
  }

  /** Every provider here has a server, and every server has a job: the others are forgotten. */
  #first(): Candidate | undefined {
    const candidates = [...this.#providers.values()].map((provider) => {
      const all = [...provider.servers.values()].map((server) => {
        const job = server.jobs[0] as Job
        return { provider, server, job, serverDue: server.start + job.costMs }
      })
      const first = least(all, ({ serverDue }) => serverDue) as (typeof all)[number]
      return { ...first, due: provider.start + first.job.costMs }
    })
    return least(candidates, ({ due }) => due)
  }

  /** What comes back begins at the current clock: unused turns are not saved. */
  #forgetIdle(): void {
    for (const [key, { servers }] of this.#providers) {
      for (const [endpoint, { jobs }] of servers) if (jobs.length === 0) servers.delete(endpoint)
      if (servers.size === 0) this.#providers.delete(key)
    }
  }
}

function least<T>(values: readonly T[], of: (value: T) => number): T | undefined {
  return values.reduce<T | undefined>(
    (best, value) => (best === undefined || of(value) < of(best) ? value : best),
    undefined,
  )
}

/** One queue for the whole process, because the process shares its threads. */
let shared: DerivationQueue | undefined

export function processQueue(): DerivationQueue {
  shared ??= new DerivationQueue(maxParallel())
  return shared
}
