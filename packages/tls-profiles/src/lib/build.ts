import type { TlsProfile } from '../profile.js'
import type { Hostname } from './identity/names.js'
import type { VersionOptions } from './material/context.js'
import type { ClientConfig, TrustConfig } from './material/material.js'
import type { RotationOptions } from './rotation/rotation.js'

/** A profile in terms of what it trusts, expects and sends. */
export interface ProfilePlan {
  readonly profile: string
  /** Absent: the server is not verified. */
  readonly trust?: TrustConfig | undefined
  readonly client?: ClientConfig | undefined
  readonly hostname?: Hostname | undefined
  readonly pins?: readonly string[] | undefined
  /** SNI where it is not the name that is checked. */
  readonly serverName?: string | undefined
  readonly endpoint?: { readonly host: string; readonly port: number } | undefined
  /** Where to ask for a session to resume; absent: every handshake is a full one. */
  readonly resumption?: { readonly host?: string | undefined; readonly port: number } | undefined
  readonly options: VersionOptions & RotationOptions
}

/**
 * Checks the options, reads the files, makes the context, and then the profile. Throws a TlsError. All that this
 * takes is loaded for the first profile: a program that imports the package may never make one.
 */
export function buildProfile(plan: ProfilePlan): TlsProfile {
  return (require('./engine.js') as typeof import('./engine.js')).buildProfile(plan)
}
