import { randomBytes, timingSafeEqual } from 'node:crypto'
import {
  duration,
  initially,
  optionBag,
  readOptions,
  type Spec,
  some,
  text,
} from '../lib/options/option-spec.js'

/** An access key that the server knows. */
export interface SigV4Key {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Only for temporary credentials: the client must send the same token. */
  readonly sessionToken?: string
  /** From this time on, the session is refused. */
  readonly expiration?: Date
  /** The user who logs in with it, as `server.logins` shows it. Default: an ARN made from the access key id. */
  readonly principal?: string
}

/** How long a session lives, and who uses it. */
export interface SigV4SessionOptions {
  /** Lifetime in milliseconds; negative for an expired session. Default 3,600,000. */
  lifetimeMs?: number | undefined
  /** The user who logs in with it. Default `arn:aws:sts::123456789012:assumed-role/test/session`. */
  principal?: string | undefined
  /** The time of issue, in milliseconds since the epoch. Default `Date.now()`. */
  now?: number | undefined
}

export const sigV4SessionBag = optionBag('SigV4KeyStore.issue', {
  lifetimeMs: initially(
    3_600_000,
    duration({ min: -(2 ** 40), max: 2 ** 40 }),
    'The same as AssumeRole: an hour.',
  ),
  principal: initially(
    'arn:aws:sts::123456789012:assumed-role/test/session',
    text('an ARN'),
    'The form that STS gives.',
  ),
  now: some<number>('milliseconds since the epoch', Number.isFinite),
} satisfies Spec<SigV4SessionOptions>)

/** A session like those of STS, of a container endpoint and of the instance metadata. */
export type SigV4Session = Required<SigV4Key>

/**
 * Access keys and sessions that a server accepts. Changes take effect at the next login. Sessions are issued here, so
 * that the CQL server and a stand-in for STS in a test can share one store.
 */
export class SigV4KeyStore {
  readonly #keys = new Map<string, SigV4Key>()

  constructor(keys: Iterable<SigV4Key> = []) {
    for (const key of keys) this.add(key)
  }

  add(key: SigV4Key): this {
    this.#keys.set(key.accessKeyId, { ...key })
    return this
  }

  /** Deactivates a key or ends a session. Returns whether it existed. */
  remove(accessKeyId: string): boolean {
    return this.#keys.delete(accessKeyId)
  }

  find(accessKeyId: string): SigV4Key | undefined {
    return this.#keys.get(accessKeyId)
  }

  /** Issues a new session. Its access key id begins with ASIA, as in AWS. */
  issue(options?: SigV4SessionOptions): SigV4Session {
    const { lifetimeMs, principal, now = Date.now() } = readOptions(sigV4SessionBag, options)
    const session = {
      accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: randomBytes(150).toString('base64'),
      expiration: new Date(now + lifetimeMs),
      principal,
    }
    this.add(session)
    return session
  }
}

/** Compares texts in constant time. Their lengths are not secret. */
export function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
