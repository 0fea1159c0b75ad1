import type { SecureVersion } from 'node:tls'

/** From the oldest to the newest. */
const versions: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

/** Whether version `a` is older than `b`. */
export function isBelow(a: SecureVersion, b: SecureVersion): boolean {
  return versions.indexOf(a) < versions.indexOf(b)
}

/**
 * Whether a cipher list is at OpenSSL's security level 0. Older versions are rare, so the code that asks OpenSSL is
 * loaded when one is used.
 */
export function isLevelZero(ciphers: string | undefined): boolean {
  const { admitsWeakKeys } =
    require('./material/weak-ciphers.js') as typeof import('./material/weak-ciphers.js')
  return admitsWeakKeys(ciphers)
}
