import type { Client } from 'cassandra-driver'
import { ignoredDistance } from '../../driver.js'
import { tried } from '../tried.js'

type Host = ReturnType<Client['hosts']['values']>[number]
type Policy = { getDistance(host: Host): number }

/** Whether this client opens connections to the host: it does if one of its load balancing policies does not ignore the host. */
export function isInUse(options: unknown, host: Host): boolean {
  const policies = policiesOf(options)
  // A policy that cannot be asked counts as using it: rather one node too many is checked than one too few.
  return (
    policies.length === 0 ||
    policies.some((policy) => tried(() => policy.getDistance(host)) !== ignoredDistance)
  )
}

function policiesOf(options: unknown): readonly Policy[] {
  const { policies, profiles = [] } = (options ?? {}) as {
    policies?: { loadBalancing?: Policy }
    profiles?: readonly { loadBalancing?: Policy }[]
  }
  const all = [policies?.loadBalancing, ...profiles.map(({ loadBalancing }) => loadBalancing)]
  return all.filter((policy) => !!policy)
}
