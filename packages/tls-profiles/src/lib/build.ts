import type { TlsProfile } from '../profile.js'
import type { ProfilePlan } from './profile-plan.js'

/**
 * Reads the files, makes the context, and then the profile. Throws a TlsError. The code for this is loaded for the
 * first profile, because a program that imports the package may never make one.
 */
export function buildProfile(plan: ProfilePlan): TlsProfile {
  return (require('./engine.js') as typeof import('./engine.js')).profileOf(plan)
}
