import type { Duplex } from 'node:stream'
import type { Budget } from '../budget.js'
import { type Frame, maxBody, parseFrame } from './frames.js'

/** The outcome of waiting for a frame. `bytes`: received bytes that are not a frame, at most some hundred. */
export type Answer =
  | { readonly kind: 'frame'; readonly frame: Frame }
  /** Bytes that are not CQL, and whether they did not end. */
  | { readonly kind: 'foreign'; readonly bytes: Buffer; readonly flood: boolean }
  | { readonly kind: 'too large'; readonly length: number }
  /** The time is up. */
  | { readonly kind: 'silent'; readonly bytes: Buffer }
  | { readonly kind: 'closed'; readonly bytes: Buffer }
  | { readonly kind: 'failed'; readonly error: NodeJS.ErrnoException; readonly bytes: Buffer }

/** Greetings and refusals of other protocols are shorter. */
const enough = 512

/** More than this is a flood: no greeting is as long. */
const floodSize = 64 * 1024

/** How long the rest of a greeting may take. */
const restMs = 150

/** A connection whose reads are bounded: always in size, and in time at every wait. It is paused while nobody reads. */
export class Wire {
  readonly #socket: Duplex
  readonly #budget: Budget
  #chunks: Buffer[] = []
  #size = 0
  #end: 'closed' | NodeJS.ErrnoException | undefined
  #wake: (() => void) | undefined

  constructor(socket: Duplex, budget: Budget) {
    this.#socket = socket
    this.#budget = budget
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      this.#size += chunk.length
      if (this.#size > maxBody + 16) socket.pause()
      this.#wake?.()
    })
    const end = (reason: 'closed' | NodeJS.ErrnoException) => {
      this.#end ??= reason
      this.#wake?.()
    }
    socket.on('error', (error) => end(error))
    socket.once('end', () => end('closed'))
    socket.once('close', () => end('closed'))
  }

  write(bytes: Uint8Array): void {
    if (this.#end === undefined) this.#socket.write(bytes)
  }

  close(): void {
    this.#socket.destroy()
  }

  /** The next frame, or what came instead of it. */
  async answer(): Promise<Answer> {
    const wait = this.#budget.wait(this.#budget.stepMs)
    let isLate = false
    const late = wait.over.then(() => {
      isLate = true
    })
    try {
      for (;;) {
        const decided = this.#decide() ?? (isLate ? this.#late() : undefined)
        if (decided === 'foreign') return await this.#greeting()
        if (decided) return decided
        await Promise.race([this.#more(), late])
      }
    } finally {
      wait.cancel()
    }
  }

  #decide(): Answer | 'foreign' | undefined {
    const bytes = this.#all()
    const parsed = parseFrame(bytes)
    if (parsed.kind === 'frame') {
      this.#keep(bytes.subarray(parsed.size))
      return { kind: 'frame', frame: parsed.frame }
    }
    if (parsed.kind === 'too large') return parsed
    if (parsed.kind === 'foreign') return 'foreign'
    if (this.#end === undefined) return undefined
    return this.#end === 'closed' ? { kind: 'closed', bytes } : { kind: 'failed', error: this.#end, bytes }
  }

  #late(): Answer {
    return { kind: 'silent', bytes: this.#all() }
  }

  /** Reads the rest of what another protocol sends, for a moment. */
  async #greeting(): Promise<Answer> {
    const wait = this.#budget.wait(Math.min(restMs, this.#budget.stepMs))
    let isOver = false
    const over = wait.over.then(() => {
      isOver = true
    })
    while (!isOver && this.#end === undefined && this.#size <= floodSize)
      await Promise.race([this.#more(), over])
    wait.cancel()
    return { kind: 'foreign', bytes: this.#all().subarray(0, enough), flood: this.#size > floodSize }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #all(): Buffer {
    const bytes = Buffer.concat(this.#chunks)
    this.#chunks = [bytes]
    return bytes
  }

  #keep(rest: Buffer): void {
    this.#chunks = [Buffer.from(rest)]
    this.#size = rest.length
  }
}
