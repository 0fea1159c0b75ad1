import { createHash } from 'node:crypto'
import type { SecureContext } from 'node:tls'
import {
  type RotationEvent,
  type RotationTrigger,
  rotationEnded,
  rotationStarted,
} from '../../diagnostics.js'
import { isTlsError, type TlsError } from '../../errors.js'
import { type RotationGiven, watchDefaults } from '../../options.js'
import { contextFrom, type Parameters } from '../material/context.js'
import { deriveAsync, deriveSync } from '../material/derive.js'
import { loadMaterial, type Material, type MaterialSummary } from '../material/material.js'
import { type MaterialConfig, originsIn } from '../material/material-config.js'
import { type Origin, readSnapshot, readSnapshotSync, type Snapshot } from '../material/source.js'
import { type CertificateStatus, Expiry } from './expiry.js'
import { FolderWatch, type Signature, signatureOf, signatureOfSync } from './watch.js'

/** The state of a profile. */
export interface TlsStatus {
  /** `stale`: the files have new content, which was refused; the earlier content is in use. */
  readonly state: 'current' | 'stale'
  /** When the material in use was loaded. */
  readonly loadedAt: Date
  readonly ageMs: number
  /** How many times material was replaced. */
  readonly rotations: number
  /** Why the files are not in use, and since when; undefined while `state` is `current`. */
  readonly failure: { readonly error: TlsError; readonly since: Date; readonly attempts: number } | undefined
  /** Our certificates and our CAs, not the roots of Node.js. */
  readonly certificates: readonly CertificateStatus[]
  /**
   * When the profile stops working: when our certificate, one of its intermediates, or the last of our roots expires.
   * Undefined without our own certificates and roots.
   */
  readonly expiresAt: Date | undefined
  readonly expiresSoon: boolean
  readonly expired: boolean
  readonly files: readonly string[]
  readonly watching: boolean
}

/** What `reload()` did: the files had new content, or the same as before. */
export type ReloadOutcome = 'rotated' | 'unchanged'

interface Loaded {
  readonly context: SecureContext
  readonly summary: MaterialSummary
  readonly digest: string
  readonly at: Date
}

/** Files that belong together are not replaced at the same moment, and a rename causes several events. */
const settleMs = 50
const firstRetryMs = 300

/**
 * The material of one profile over time. All connections share one context; a new one is made only when the files have
 * new content that is accepted. Its timers and watches never keep the process alive.
 */
export class Rotation {
  readonly files: readonly string[]
  readonly #profile: string
  readonly #config: MaterialConfig
  readonly #origins: readonly Origin[]
  readonly #parameters: Parameters
  readonly #expiry: Expiry
  readonly #pollMs: number
  #loaded: Loaded
  #rotations = 0
  #failure: { error: TlsError; since: Date; attempts: number } | undefined
  #attempts = 0
  #signature: Signature
  #running: Promise<ReloadOutcome> | undefined
  #folders: FolderWatch | undefined
  #poll: NodeJS.Timeout | undefined
  #pending: { readonly timer: NodeJS.Timeout; readonly due: number } | undefined
  #retryAt: number | undefined

  constructor(profile: string, config: MaterialConfig, parameters: Parameters, options: RotationGiven) {
    const { watch, expiresSoonMs } = options
    this.#profile = profile
    this.#config = config
    this.#parameters = parameters
    this.#expiry = new Expiry(profile, expiresSoonMs)
    this.#pollMs = (watch || watchDefaults).pollIntervalMs
    this.#origins = originsIn(config)
    this.files = this.#origins.filter((origin) => typeof origin === 'string')
    this.#signature = signatureOfSync(this.files)
    this.#loaded = this.#loadSync(readSnapshotSync(this.#origins))
    if (watch && this.files.length > 0) {
      this.#folders = new FolderWatch(this.files, () => this.#checkSoon('watch', settleMs))
    }
    if (this.#folders || this.#expiry.statusOf(this.summary, 0).length > 0) {
      this.#poll = setInterval(() => this.#tick(), this.#pollMs).unref()
    }
    this.#expiry.notice(this.summary)
  }

  get context(): SecureContext {
    return this.#loaded.context
  }

  get summary(): MaterialSummary {
    return this.#loaded.summary
  }

  get watching(): boolean {
    return this.#folders !== undefined
  }

  /** Loads the files now. Rejects with a TlsError if they are refused; the earlier material stays in use. */
  reload(): Promise<ReloadOutcome> {
    return this.#attempt('manual')
  }

  status(): TlsStatus {
    const now = Date.now()
    const certificates = this.#expiry.statusOf(this.summary, now)
    return Object.freeze({
      state: this.#failure ? 'stale' : 'current',
      loadedAt: this.#loaded.at,
      ageMs: now - this.#loaded.at.getTime(),
      rotations: this.#rotations,
      failure: this.#failure && Object.freeze({ ...this.#failure }),
      certificates,
      ...this.#expiry.overall(this.summary, now),
      files: this.files,
      watching: this.watching,
    })
  }

  /** Stops watching the files. What is loaded stays usable. */
  close(): void {
    clearInterval(this.#poll)
    clearTimeout(this.#pending?.timer)
    this.#folders?.close()
    this.#poll = undefined
    this.#pending = undefined
    this.#folders = undefined
  }

  #tick(): void {
    this.#expiry.notice(this.summary)
    if (this.#folders) this.#checkSoon('poll', 0)
  }

  /** At most one check is planned at a time: the earliest one. */
  #checkSoon(trigger: RotationTrigger, delayMs: number): void {
    if (!this.#folders) return
    const due = Date.now() + delayMs
    if (this.#pending && this.#pending.due <= due) return
    clearTimeout(this.#pending?.timer)
    const timer = setTimeout(() => {
      this.#pending = undefined
      void this.#check(trigger)
    }, delayMs).unref()
    this.#pending = { timer, due }
  }

  /** Reads the files only if something has changed, or a retry is due. */
  async #check(trigger: RotationTrigger): Promise<void> {
    const changed = (await signatureOf(this.files)) !== this.#signature
    if (!this.#folders) return
    const waitMs = this.#retryAt === undefined ? undefined : this.#retryAt - Date.now()
    if (!changed && waitMs === undefined) return
    if (!changed && waitMs !== undefined && waitMs > 0) return this.#checkSoon('retry', waitMs)
    this.#folders.rearm()
    await this.#attempt(changed ? trigger : 'retry').catch(() => undefined) // the error was published, and there will be a retry
  }

  /** Attempts never overlap: a caller that asks while one runs gets the next one. */
  async #attempt(trigger: RotationTrigger): Promise<ReloadOutcome> {
    while (this.#running) await this.#running.catch(() => undefined)
    this.#running = this.#replace(trigger).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #replace(trigger: RotationTrigger): Promise<ReloadOutcome> {
    const signature = await signatureOf(this.files)
    const read = await readSnapshot(this.#origins).catch((error: TlsError) => error)
    this.#signature = signature
    if (!isTlsError(read) && digestOf(read) === this.#loaded.digest) {
      this.#succeeded()
      return 'unchanged'
    }
    const event = this.#event(trigger)
    rotationStarted(event)
    try {
      if (isTlsError(read)) throw read
      this.#loaded = await this.#load(read)
      this.#rotations++
      this.#succeeded()
      event.outcome = 'rotated'
      this.#expiry.notice(this.summary)
      return 'rotated'
    } catch (error) {
      this.#failed(event, error as TlsError)
      throw error
    } finally {
      rotationEnded(event)
    }
  }

  #succeeded(): void {
    this.#failure = undefined
    this.#attempts = 0
    this.#retryAt = undefined
  }

  /**
   * The first failure of a change is only `waiting`: a file may be missing for a moment, or only one of two files may
   * be new.
   */
  #failed(event: RotationEvent, error: TlsError): void {
    this.#attempts++
    event.error = error
    event.outcome = this.#attempts === 1 && event.trigger !== 'manual' ? 'waiting' : 'kept'
    if (event.outcome === 'kept') {
      this.#failure = { error, since: this.#failure?.since ?? new Date(), attempts: this.#attempts }
    }
    const delayMs = Math.min(firstRetryMs * 2 ** (this.#attempts - 1), this.#pollMs)
    this.#retryAt = Date.now() + delayMs
    this.#checkSoon('retry', delayMs)
  }

  #event(trigger: RotationTrigger): RotationEvent {
    return {
      profile: this.#profile,
      files: this.files,
      trigger,
      outcome: 'pending',
      materialAgeMs: Date.now() - this.#loaded.at.getTime(),
      error: undefined,
    }
  }

  /** Checks everything and makes the context before anything is replaced. */
  async #load(snapshot: Snapshot): Promise<Loaded> {
    const [at, digest] = [new Date(), digestOf(snapshot)]
    try {
      return this.#contextOf(await deriveAsync(loadMaterial(this.#config, snapshot, at)), digest, at)
    } finally {
      wipe(snapshot)
    }
  }

  #loadSync(snapshot: Snapshot): Loaded {
    const [at, digest] = [new Date(), digestOf(snapshot)]
    try {
      return this.#contextOf(deriveSync(loadMaterial(this.#config, snapshot, at)), digest, at)
    } finally {
      wipe(snapshot)
    }
  }

  #contextOf(material: Material, digest: string, at: Date): Loaded {
    try {
      return { context: contextFrom(material, this.#parameters), summary: material.summary, digest, at }
    } finally {
      material.client?.key.fill(0)
    }
  }
}

/** Wipes what was read. OpenSSL has its own copy of the key now. */
function wipe(snapshot: Snapshot): void {
  for (const bytes of snapshot.values()) bytes.fill(0)
}

function digestOf(snapshot: Snapshot): string {
  const hash = createHash('sha256')
  for (const [origin, bytes] of snapshot) {
    hash.update(`${typeof origin === 'string' ? origin : ''}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('base64')
}
