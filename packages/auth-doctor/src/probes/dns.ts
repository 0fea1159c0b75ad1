import { isIP } from 'node:net'
import type { Run } from '../run.js'

/** An address of the host. */
export interface HostAddress {
  readonly address: string
  readonly family: 4 | 6
}

/** More than any host of a cluster has; a name for a whole cluster may have one for each node. */
const maxAddresses = 6

/** The addresses of the host, as the driver would find them; empty if a finding says why there are none. */
export async function addressesOf(run: Run): Promise<readonly HostAddress[]> {
  const { host } = run.given.target
  const family = isIP(host)
  if (family !== 0) return [{ address: host, family: family as 4 | 6 }]
  run.progress(`looking up ${host}`)
  const found = await lookedUp(run, host)
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

/** What the look-up found, or the error that ended it, within the time of a step. */
async function lookedUp({ budget, steps, lookup }: Run, host: string): Promise<unknown> {
  const ending = new AbortController()
  let begin = budget.clock.now()
  const begun = () => {
    begin = budget.clock.now()
  }
  const found = lookup(host, { signal: ending.signal, begun }).catch((error: unknown) => error)
  try {
    return await budget.within(found, new Error('late'))
  } finally {
    ending.abort()
    steps.push({ name: 'DNS', ms: budget.clock.now() - begin })
  }
}
