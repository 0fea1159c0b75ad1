import type { ClientGiven, CommonGiven, IdentityGiven, ResumptionGiven, TrustGiven } from '../options.js'

/** A profile in terms of what it trusts, expects and sends: groups of options as they were read. */
export interface ProfilePlan {
  readonly profile: string
  /** Undefined: the server is not verified. */
  readonly trust?: TrustGiven | undefined
  /** Which server to expect; used only with `trust`. */
  readonly identity?: IdentityGiven | undefined
  readonly client?: ClientGiven | undefined
  /** The SNI, if it differs from the name that is checked. */
  readonly servername?: string | undefined
  readonly endpoint?: { readonly host: string; readonly port: number } | undefined
  /** Undefined or false: every handshake is a full one. */
  readonly resumption?: ResumptionGiven | false | undefined
  readonly options: CommonGiven
}
