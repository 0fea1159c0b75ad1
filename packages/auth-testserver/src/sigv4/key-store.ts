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

/** An access key as the server knows it. */
export interface SigV4Key {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Present for temporary credentials: the client must send the same. */
  readonly sessionToken?: string
  /** From when on the session is refused. */
  readonly expiration?: Date
  /** Who logs in with it; shown by `server.logins`. Default: an ARN made of the access key id. */
  readonly principal?: string
}

/** How long a session lives and whose it is. */
export interface SigV4SessionOptions {
  /** Default 3,600,000. */
  lifetimeMs?: number | undefined
  /** Default `arn:aws:sts::123456789012:assumed-role/test/session`. */
  principal?: string | undefined
  /** Milliseconds since the epoch; default `Date.now()`. */
  now?: number | undefined
}

export const sigV4SessionBag = optionBag('SigV4KeyStore.issue', {
  lifetimeMs: initially(3_600_000, duration({ min: -(2 ** 40), max: 2 ** 40 }), 'As AssumeRole: an hour.'),
  principal: initially(
    'arn:aws:sts::123456789012:assumed-role/test/session',
    text('an ARN'),
    'The form that STS gives.',
  ),
  now: some<number>('milliseconds since the epoch', Number.isFinite),
} satisfies Spec<SigV4SessionOptions>)

/** A session as STS, a container endpoint and the instance metadata hand it out. */
export type SigV4Session = Required<SigV4Key>

/**
 * Access keys and sessions that a server accepts, changed at any time from the next login on. Sessions are issued here,
 * so that one store can stand behind the CQL server and behind whatever plays STS in a test.
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

  /** Deactivates a key or ends a session; says whether there was one. */
  remove(accessKeyId: string): boolean {
    return this.#keys.delete(accessKeyId)
  }

  find(accessKeyId: string): SigV4Key | undefined {
    return this.#keys.get(accessKeyId)
  }

  /** Issues a new session, with an access key id that begins with ASIA as AWS's do. */
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

/** Compares texts without telling where they differ; their lengths are not secret. */
export function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
