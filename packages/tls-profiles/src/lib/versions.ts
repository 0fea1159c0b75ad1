import type { SecureVersion } from 'node:tls'

/** From the oldest to the newest. */
const versions: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

/** Whether version `a` is older than `b`. */
export function isBelow(a: SecureVersion, b: SecureVersion): boolean {
  return versions.indexOf(a) < versions.indexOf(b)
}

/** Older versions are rare, so what asks OpenSSL is loaded when there is one. */
export function isLevelZero(ciphers: string | undefined): boolean {
  const { admitsWeakKeys } =
    require('./material/weak-ciphers.js') as typeof import('./material/weak-ciphers.js')
  return admitsWeakKeys(ciphers)
}
