import * as crypto from 'node:crypto'

/** The key derivation of PKCS #12 (RFC 7292 appendix B.2). */
export interface Iterated {
  /** In UTF-16 with its terminator; empty for the NULL passphrase. */
  readonly password: Buffer
  readonly salt: Buffer
  readonly iterations: number
  readonly length: number
  readonly digest: string
  /** The use of the result: 1 a key, 2 an initial vector, 3 a MAC. */
  readonly purpose: 1 | 2 | 3
}

/** What to hash repeatedly, and how often. */
interface Chain {
  readonly digest: string
  readonly from: Buffer
  readonly times: number
}

/** A thread takes some 50 ms to start, as long as this number of hashes. */
const worthThread = 50_000
/** This number of hashes takes some 10 ms, which is too long for the event loop. */
const worthYielding = 5_000
/** No allowed number of iterations takes as long. */
const longestMs = 120_000

/** Starts at once, in its own thread if that is worth it; `wait` returns the result. */
export function iterateBeside(input: Iterated): { readonly inThread: boolean; wait(): Buffer } {
  const chains = chainsOf(input)
  const first = chains.next()
  if (first.done) return { inThread: false, wait: () => first.value }
  const thread = first.value.times >= worthThread ? startThread(first.value) : undefined
  return {
    inThread: thread !== undefined,
    wait() {
      let step = chains.next(thread?.wait() ?? rehash(first.value))
      while (!step.done) step = chains.next(rehash(step.value))
      return step.value
    },
  }
}

/** The same, off the event loop. */
export async function iterateAsync(input: Iterated): Promise<Buffer> {
  const chains = chainsOf(input)
  let step = chains.next()
  while (!step.done) {
    const thread = step.value.times >= worthYielding ? startThread(step.value) : undefined
    step = chains.next(await (thread?.result() ?? rehash(step.value)))
  }
  return step.value
}

/** Appendix B.2, step by step: asks for each chain of hashes, and continues with its result. */
function* chainsOf(input: Iterated): Generator<Chain, Buffer, Buffer> {
  const { digest, salt, password, iterations, length, purpose } = input
  const size = blockSizes[digest] ?? 64
  const repeated = (bytes: Buffer) => Buffer.alloc(Math.ceil(bytes.length / size) * size, bytes)
  const diversifier = Buffer.alloc(size, purpose)
  const blocks = Buffer.concat([repeated(salt), repeated(password)])
  const derived: Buffer[] = []
  for (let left = length; left > 0; ) {
    const from = crypto.createHash(digest).update(diversifier).update(blocks).digest()
    const hashed = yield { digest, from, times: iterations - 1 }
    derived.push(hashed)
    left -= hashed.length
    addToEach(blocks, Buffer.alloc(size, hashed))
  }
  return Buffer.concat(derived).subarray(0, length)
}

/** Step 6C: each block becomes (block + added + 1) mod 2^(8 × size). */
function addToEach(blocks: Buffer, added: Buffer): void {
  for (let rest = blocks; rest.length > 0; rest = rest.subarray(added.length)) {
    let carry = 1
    for (let at = added.length - 1; at >= 0; at--) {
      carry += (rest[at] as number) + (added[at] as number)
      rest[at] = carry & 0xff
      carry >>= 8
    }
  }
}

/** In bytes, for hashes whose block size is not 64. */
const blockSizes: Readonly<Record<string, number>> = {
  sha384: 128,
  sha512: 128,
  'sha512-224': 128,
  'sha512-256': 128,
}

/** `crypto.hash` (Node 20.12) takes half the time of a Hash object; text saves a buffer each time. */
function rehash({ digest, from, times }: Chain): Buffer {
  const bytes = Buffer.from(from)
  // Absent before Node 20.12.
  const { hash } = crypto as { hash?: typeof crypto.hash }
  for (let left = times; left > 0; left--) {
    if (hash) bytes.write(hash(digest, bytes, 'binary'), 'latin1')
    else crypto.createHash(digest).update(bytes).digest().copy(bytes)
  }
  return bytes
}

/** `rehash` as text, so that it runs in a thread wherever this package is bundled. */
const threadSource = `
const { workerData: { digest, times, state, shared } } = require('node:worker_threads')
const { hash, createHash } = require('node:crypto')
const bytes = Buffer.from(shared)
for (let left = times; left > 0; left--) {
  if (hash) bytes.write(hash(digest, bytes, 'binary'), 'latin1')
  else createHash(digest).update(bytes).digest().copy(bytes)
}
shared.set(bytes)
Atomics.store(state, 0, 1)
Atomics.notify(state, 0)
`

interface Thread {
  /** Blocks until the result is there. */
  wait(): Buffer
  result(): Promise<Buffer>
}

/** Undefined if the process may start no threads. */
function startThread({ digest, from, times }: Chain): Thread | undefined {
  const state = new Int32Array(new SharedArrayBuffer(4))
  const shared = new Uint8Array(new SharedArrayBuffer(from.length))
  shared.set(from)
  const worker = tryWorker({ digest, times, state, shared })
  if (!worker) return undefined
  worker.unref()
  return {
    wait() {
      if (Atomics.wait(state, 0, 0, longestMs) !== 'timed-out') return Buffer.from(shared)
      throw new Error('the thread that derives a key does not answer')
    },
    result: () =>
      new Promise((resolve, reject) => {
        worker.ref()
        worker.once('error', reject)
        worker.once('exit', () => {
          if (Atomics.load(state, 0) === 1) resolve(Buffer.from(shared))
          else reject(new Error('the thread that derives a key has ended early'))
        })
      }),
  }
}

function tryWorker(workerData: object): import('node:worker_threads').Worker | undefined {
  try {
    const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads')
    return new Worker(threadSource, { eval: true, execArgv: [], workerData })
  } catch {
    return undefined
  }
}
