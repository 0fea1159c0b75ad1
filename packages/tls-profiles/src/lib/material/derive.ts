import { type BinaryLike, pbkdf2, pbkdf2Sync, type ScryptOptions, scrypt, scryptSync } from 'node:crypto'
import { promisify } from 'node:util'
import { LimitError } from './format-error.js'
import { type Iterated, iterateAsync, iterateBeside } from './iterate.js'

/** How a key is made of a passphrase: slow by intent. */
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

/** What has to be derived for a next step, and what is likely to be asked for after it. */
export interface Request {
  readonly now: readonly Derivation[]
  readonly ahead?: readonly Derivation[]
}

/** Steps that ask for derived keys and go on with them; whether that blocks is up to who runs them. */
export type Deriving<T> = Generator<Request, T, readonly Buffer[]>

/** Of one derivation: many times what is recommended. OpenSSL takes three seconds for it. */
export const mostIterations = 5_000_000
/** Of all that one load derives: as much as a MAC, certificates and a key can have together. */
const mostWork = 3 * mostIterations

/** What has been started, each once, and how much it is. What a file asks for has an end, however many parts it has. */
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

  /** May never be asked for; undefined where there is no room for it. */
  ahead(derivation: Derivation): T | undefined {
    return this.#fits(derivation) ? this.get(derivation) : undefined
  }

  #fits(derivation: Derivation): boolean {
    return this.#work + workOf(derivation) <= mostWork
  }
}

/** In iterations, of a hash of 32 bytes; scrypt has a limit of its own, in memory. */
function workOf(derivation: Derivation): number {
  if (derivation.kdf === 'scrypt') return mostIterations
  return derivation.iterations * Math.ceil(derivation.length / 32)
}

/** Runs the steps at once, for a profile that is being made. */
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

/** A derivation: one of a thread's, or one that is made here when its result is asked for, and kept. */
interface Running {
  readonly inThread: boolean
  result(): Buffer
}

/** The iterated hash, which no native function has, runs in a thread beside what is derived here. */
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

/** While threads are at work, this one does what it will be asked for; it would only wait. */
function besideThreads(wanted: readonly Running[], ahead: readonly Running[]): void {
  if (!wanted.some(({ inThread }) => inThread)) return
  for (const each of [...wanted, ...ahead]) if (!each.inThread) tryNow(each)
}

/** What fails will fail again where it is asked for, if it is. */
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
