import type { Socket } from 'node:net'
import type { Clock } from '@x/auth-core'

/** How far a run may go. */
export interface Limits {
  /** Of the whole run, in milliseconds. */
  readonly totalMs: number
  /** Of one wait for one answer. */
  readonly stepMs: number
  /** Connections of the whole run, one after the other. */
  readonly maxConnections: number
}

/** What is left of the limits of one run: time and connections. Every wait of a probe goes through it. */
export class Budget {
  readonly clock: Clock
  readonly #limits: Limits
  readonly #endsAt: number
  readonly #sockets = new Set<Socket>()
  #connections = 0

  constructor(clock: Clock, limits: Limits) {
    this.clock = clock
    this.#limits = limits
    this.#endsAt = clock.now() + limits.totalMs
  }

  get connections(): number {
    return this.#connections
  }

  /** Nothing more may be begun. */
  get isSpent(): boolean {
    return this.#connections >= this.#limits.maxConnections || this.remainingMs <= 0
  }

  get remainingMs(): number {
    return Math.max(0, this.#endsAt - this.clock.now())
  }

  /** How long one step may wait. */
  get stepMs(): number {
    return Math.min(this.#limits.stepMs, this.remainingMs)
  }

  /** Takes one connection; false where there is none left. */
  takeConnection(): boolean {
    if (this.isSpent) return false
    this.#connections++
    return true
  }

  /** Keeps a connection, to close it when the run is over, however it ends. */
  keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  /** Closes what is still open. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** The outcome of the work, or `late` where it takes longer than a step. */
  async within<T, L>(work: Promise<T>, late: L, ms: number = this.stepMs): Promise<T | L> {
    const wait = this.wait(ms)
    try {
      return await Promise.race([work, wait.over.then(() => late)])
    } finally {
      wait.cancel()
    }
  }

  /** A wait that can be cancelled. */
  wait(ms: number): { readonly over: Promise<void>; cancel(): void } {
    let cancel = () => {}
    const over = new Promise<void>((resolve) => {
      const timer = this.clock.schedule(ms, resolve)
      cancel = () => timer.cancel()
    })
    return { over, cancel }
  }
}
