import type { LookupAddress } from 'node:dns'
import type { Clock } from '@x/auth-core'
import type { Target } from './target.js'

/** Where the password comes from. It is asked for once, when it is needed. */
export type PasswordSource = () => string | Promise<string>

/** The addresses of a name. */
export type Lookup = (
  host: string,
  run: {
    /** Ends the look-up when its time is over. */
    readonly signal: AbortSignal
    /** Called when the preparations are over and the time of the look-up itself begins. */
    readonly begun: () => void
  },
) => Promise<readonly LookupAddress[]>

/** How to log in; undefined: no login. */
export type LoginChoice =
  | { readonly kind: 'password'; readonly username: string; readonly password: PasswordSource }
  | {
      readonly kind: 'mechanism'
      readonly mechanism: string
      readonly username: string | undefined
      readonly password: PasswordSource
    }
  | { readonly kind: 'sigv4'; readonly profile: string | undefined }
  /** Only by the client's certificate: chosen if the user gave a certificate and nothing else, and the server logs clients in by it. */
  | { readonly kind: 'certificate' }

/** What the user gave, after the check. Files are paths. */
export interface Given {
  readonly target: Target
  readonly ca: readonly string[]
  readonly crl: readonly string[]
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly pfx: string | undefined
  /** A secure connect bundle of DataStax Astra. `target` is the metadata service that the bundle names, and TLS uses what is in the bundle. */
  readonly bundle: string | undefined
  /** The passphrase of the key or the store. */
  readonly passphrase: PasswordSource | undefined
  readonly servername: string | undefined
  readonly login: LoginChoice | undefined
  readonly allowCleartext: boolean
  readonly timeoutMs: number
  readonly nodes: number
}

/** Whether there is a certificate to show to the server. */
export function showsCertificate({ cert, pfx, bundle }: Given): boolean {
  return cert !== undefined || pfx !== undefined || bundle !== undefined
}

/** What tests can replace. */
export interface Surroundings {
  readonly clock?: Clock | undefined
  readonly lookup?: Lookup | undefined
  readonly progress?: ((what: string) => void) | undefined
  /** The limit of one wait, in milliseconds; default a third of the whole time, at most 3 000. */
  readonly stepMs?: number | undefined
}
