import type { Client } from 'cassandra-driver'
import { ignoredDistance } from '../../driver.js'
import { tried } from '../tried.js'

type Host = ReturnType<Client['hosts']['values']>[number]
type Policy = { getDistance(host: Host): number }

/** Whether this client opens connections to the host: one of its policies for load balancing does not ignore it. */
export function isInUse(options: unknown, host: Host): boolean {
  const policies = policiesOf(options)
  // Who cannot be asked is thought to use it: a node too many is looked at, never one too few.
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
  return all.filter((policy) => policy !== undefined && policy !== null)
}
