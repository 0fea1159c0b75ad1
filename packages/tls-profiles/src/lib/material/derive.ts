import { type BinaryLike, pbkdf2, pbkdf2Sync, type ScryptOptions, scrypt, scryptSync } from 'node:crypto'
import { promisify } from 'node:util'
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

/** Runs the steps at once, for a profile that is being made. */
export function deriveSync<T>(steps: Deriving<T>): T {
  const started = new Map<Derivation, () => Buffer>()
  const start = (derivation: Derivation) => {
    if (!started.has(derivation)) started.set(derivation, startSync(derivation))
  }
  let step = steps.next()
  while (!step.done) {
    const { now, ahead = [] } = step.value
    for (const each of [...now, ...ahead]) start(each)
    step = steps.next(now.map((each) => (started.get(each) as () => Buffer)()))
  }
  return step.value
}

/** The iterated hash, which no native function has, runs in a thread beside what is derived here. */
function startSync(derivation: Derivation): () => Buffer {
  const derive = derivation.kdf === 'pkcs12' ? iterateBeside(derivation) : () => nativeSync(derivation)
  let derived: Buffer | undefined
  return () => {
    derived ??= derive()
    return derived
  }
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
  const started = new Map<Derivation, Promise<Buffer>>()
  const start = (derivation: Derivation): Promise<Buffer> => {
    const running = started.get(derivation) ?? startAsync(derivation)
    running.catch(() => undefined) // what was started ahead may never be asked for
    started.set(derivation, running)
    return running
  }
  let step = steps.next()
  while (!step.done) {
    const { now, ahead = [] } = step.value
    const [needed] = [now.map(start), ahead.map(start)]
    step = steps.next(await Promise.all(needed as Promise<Buffer>[]))
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
