import { isIP } from 'node:net'
import { type Run, timed } from '../run.js'

/** An address of the host. */
export interface HostAddress {
  readonly address: string
  readonly family: 4 | 6
}

/** More than any host of a cluster has; a name for a whole cluster may have one for each node. */
const maxAddresses = 6

/** The addresses of the host, as the driver would find them; none where there is a finding that says why. */
export async function addressesOf(run: Run): Promise<readonly HostAddress[]> {
  const { host } = run.given.target
  const family = isIP(host)
  if (family !== 0) return [{ address: host, family: family as 4 | 6 }]
  run.progress(`looking up ${host}`)
  const late = new Error('late')
  const found = await timed(
    run,
    'DNS',
    run.budget.within(
      run.lookup(host).catch((error: Error) => error),
      late,
    ),
  )
  if (Array.isArray(found)) {
    if (found.length === 0) run.findings.add('HOST_NOT_FOUND', host)
    return found.slice(0, maxAddresses).map(({ address }) => ({ address, family: isIP(address) as 4 | 6 }))
  }
  const { code } = found as unknown as NodeJS.ErrnoException
  const isUnknown = code === 'ENOTFOUND' || code === 'ENODATA'
  run.findings.add(
    isUnknown ? 'HOST_NOT_FOUND' : 'HOST_LOOKUP_FAILED',
    code === undefined ? host : `${host}: ${code}`,
  )
  return []
}
