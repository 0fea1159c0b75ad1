import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { quotable } from '@x/auth-core/base'
import type { TlsReport } from '../report.js'
import { namesOf } from './certificate.js'

/** Values of the option `hostname`, and which of them pass. */
export interface NamePolicies {
  readonly policies: TlsReport['hostnamePolicies']
  /** What the user chose, or else the first that passes; undefined if none does. */
  readonly chosen: string | undefined
}

/** Candidates are what the user already knows: the address, and the name of the host. A name in the certificate is shown, but never chosen. */
export function namePolicies(
  leaf: X509Certificate,
  { address, host, servername }: { address: string; host: string; servername: string | undefined },
): NamePolicies {
  const known = [
    ...new Set([...(servername === undefined ? [] : [servername]), ...(isIP(host) === 0 ? [host] : [])]),
  ]
  const shown = namesOf(leaf)
    .filter((name) => isIP(name) === 0 && !/[*:/]/.test(name) && !known.includes(name))
    .slice(0, 5)
  const candidates = [
    { policy: 'address', passes: leaf.checkIP(address) !== undefined },
    ...[...known, ...shown].map((name) => ({ policy: quotable(name), passes: fits(leaf, name) })),
    { policy: 'false', passes: true },
  ]
  const allowed = servername === undefined ? ['address', ...known] : [servername]
  return {
    policies: candidates,
    chosen: candidates.find(({ policy, passes }) => passes && allowed.includes(policy))?.policy,
  }
}

function fits(leaf: X509Certificate, name: string): boolean {
  if (isIP(name) !== 0) return leaf.checkIP(name) !== undefined
  return leaf.checkHost(name, { subject: 'never' }) !== undefined
}
