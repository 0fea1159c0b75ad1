import { type BinaryLike, pbkdf2, pbkdf2Sync, type ScryptOptions, scrypt, scryptSync } from 'node:crypto'
import { promisify } from 'node:util'
import { LimitError } from './format-error.js'
import { type Iterated, iterateAsync, iterateBeside } from './iterate.js'

/** How a key is derived from a passphrase. It is slow by design. */
export type Derivation =
  | {
      readonly kdf: 'pbkdf2'
      readonly password: Buffer
      readonly salt: Buffer
      readonly iterations: number
      readonly length: number
      readonly digest: string
    }
  | {
      readonly kdf: 'scrypt'
      readonly password: Buffer
      readonly salt: Buffer
      readonly length: number
      readonly options: ScryptOptions
    }
  | ({ readonly kdf: 'pkcs12' } & Iterated)

/** What has to be derived for the next step, and what will probably be needed after it. */
export interface Request {
  readonly now: readonly Derivation[]
  readonly ahead?: readonly Derivation[]
}

/** Steps that ask for derived keys and then continue with them. The function that runs them decides whether that blocks. */
export type Deriving<T> = Generator<Request, T, readonly Buffer[]>

/** The limit of one derivation: many times the recommended number. OpenSSL needs three seconds for it. */
export const mostIterations = 5_000_000
/** The limit of all derivations of one load: as much as a MAC, certificates and a key can have together. */
const mostWork = 3 * mostIterations

/**
 * The derivations that have started, each one once, and their amount of work. This bounds the work that a file can cause, however many parts it
 * has.
 */
class Started<T> {
  readonly #all = new Map<Derivation, T>()
  readonly #start: (derivation: Derivation) => T
  #work = 0

  constructor(start: (derivation: Derivation) => T) {
    this.#start = start
  }

  get(derivation: Derivation): T {
    const found = this.#all.get(derivation)
    if (found !== undefined) return found
    if (!this.#fits(derivation)) throw new LimitError('more iterations in all of its parts than are accepted')
    this.#work += workOf(derivation)
    const started = this.#start(derivation)
    this.#all.set(derivation, started)
    return started
  }

  /** Starts one that may never be needed; returns undefined if the limit leaves no room for it. */
  ahead(derivation: Derivation): T | undefined {
    return this.#fits(derivation) ? this.get(derivation) : undefined
  }

  #fits(derivation: Derivation): boolean {
    return this.#work + workOf(derivation) <= mostWork
  }
}

/** In iterations of a hash of 32 bytes; scrypt has its own limit, in memory. */
function workOf(derivation: Derivation): number {
  if (derivation.kdf === 'scrypt') return mostIterations
  return derivation.iterations * Math.ceil(derivation.length / 32)
}

/** Runs the steps synchronously, for a profile that is being made. */
export function deriveSync<T>(steps: Deriving<T>): T {
  const started = new Started(startSync)
  let step = steps.next()
  while (!step.done) {
    const { now, ahead = [] } = step.value
    let derived: readonly Buffer[]
    try {
      const wanted = now.map((each) => started.get(each))
      besideThreads(
        wanted,
        ahead.flatMap((each) => started.ahead(each) ?? []),
      )
      derived = wanted.map((each) => each.result())
    } catch (error) {
      step = steps.throw(error)
      continue
    }
    step = steps.next(derived)
  }
  return step.value
}

/** A derivation that runs in a thread, or one that runs here when its result is needed; the result is kept. */
interface Running {
  readonly inThread: boolean
  result(): Buffer
}

/** The iterated hash, which has no native function, runs in a thread while this thread derives other keys. */
function startSync(derivation: Derivation): Running {
  const { inThread, wait } =
    derivation.kdf === 'pkcs12'
      ? iterateBeside(derivation)
      : { inThread: false, wait: () => nativeSync(derivation) }
  let derived: Buffer | undefined
  return {
    inThread,
    result() {
      derived ??= wait()
      return derived
    },
  }
}

/** While threads are at work, this thread derives what it will need later; otherwise it would only wait. */
function besideThreads(wanted: readonly Running[], ahead: readonly Running[]): void {
  if (!wanted.some(({ inThread }) => inThread)) return
  for (const each of [...wanted, ...ahead]) if (!each.inThread) tryNow(each)
}

/** If it fails, it fails again when its result is needed, if it ever is. */
function tryNow(running: Running): void {
  try {
    running.result()
  } catch {}
}

function nativeSync(derivation: Exclude<Derivation, { kdf: 'pkcs12' }>): Buffer {
  return derivation.kdf === 'pbkdf2'
    ? pbkdf2Sync(...pbkdf2Arguments(derivation))
    : scryptSync(derivation.password, derivation.salt, derivation.length, derivation.options)
}

const pbkdf2Async = promisify(pbkdf2)
const scryptAsync = promisify<BinaryLike, BinaryLike, number, ScryptOptions, Buffer>(scrypt)

/** Runs the steps off the event loop, for a profile that is in use. */
export async function deriveAsync<T>(steps: Deriving<T>): Promise<T> {
  const started = new Started((derivation) => {
    const running = startAsync(derivation)
    running.catch(() => undefined) // what was started ahead may never be asked for
    return running
  })
  let step = steps.next()
  while (!step.done) {
    const { now, ahead = [] } = step.value
    let derived: readonly Buffer[]
    try {
      const running = now.map((each) => started.get(each))
      for (const each of ahead) started.ahead(each)
      derived = await Promise.all(running)
    } catch (error) {
      step = steps.throw(error)
      continue
    }
    step = steps.next(derived)
  }
  return step.value
}

async function startAsync(derivation: Derivation): Promise<Buffer> {
  switch (derivation.kdf) {
    case 'pbkdf2':
      return pbkdf2Async(...pbkdf2Arguments(derivation))
    case 'scrypt':
      return scryptAsync(derivation.password, derivation.salt, derivation.length, derivation.options)
    case 'pkcs12':
      return iterateAsync(derivation)
  }
}

function pbkdf2Arguments({
  password,
  salt,
  iterations,
  length,
  digest,
}: Extract<Derivation, { kdf: 'pbkdf2' }>): [Buffer, Buffer, number, number, string] {
  return [password, salt, iterations, length, digest]
}
