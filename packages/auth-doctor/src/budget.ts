import type { Socket } from 'node:net'
import type { Clock } from '@x/auth-core'

/** How far a run may go. */
export interface Limits {
  /** The limit for the whole run, in milliseconds. */
  readonly totalMs: number
  /** The limit for one wait for one answer, in milliseconds. */
  readonly stepMs: number
  /** The number of connections of the whole run. They are opened one after the other. */
  readonly maxConnections: number
}

/** The time and the connections that one run has left. Every wait of a probe goes through it. */
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

  /** Whether nothing new may start. */
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

  /** Takes one connection; returns false if none is left. */
  takeConnection(): boolean {
    if (this.isSpent) return false
    this.#connections++
    return true
  }

  /** Keeps a connection, and closes it when the run is over, however the run ends. */
  keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  /** Closes the connections that are still open. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** The outcome of the work, or `late` if the work takes longer than a step. */
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
