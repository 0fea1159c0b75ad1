import { keyspacesEndpoint } from '@x/tls-profiles'
import type { ServiceReport } from '../report.js'

/** A managed service, recognized by the name of the host, or a product, recognized by what it says about itself. */
export interface Service extends ServiceReport {
  /** Whether its certificates come from a public CA. */
  readonly publicRoots: boolean
}

/** Recognized by the name of the host. */
export function serviceOf(host: string): Service | undefined {
  const name = host.toLowerCase()
  if (/\.amazonaws\.com(\.cn)?$|\.api\.aws$/.test(name)) return keyspaces(name)
  const [, account] = /^([a-z0-9-]+)\.cassandra\.cosmos\.azure\.com$/.exec(name) ?? []
  if (account !== undefined) return { kind: 'Azure Cosmos DB', facts: { account }, publicRoots: true }
  return undefined
}

function keyspaces(host: string): Service | undefined {
  const { region } = keyspacesEndpoint({ endpoint: host })
  if (region === undefined) return undefined
  return { kind: 'Amazon Keyspaces', facts: { region, endpoint: host }, publicRoots: true }
}

/** Recognized by the answer to OPTIONS: ScyllaDB says how to reach its shards. */
export function productOf(supported: Readonly<Record<string, readonly string[]>>): Service | undefined {
  const facts = Object.entries(supported)
    .filter(([key]) => key.startsWith('SCYLLA_'))
    .map(([key, values]) => [key, values.join(', ')])
  return facts.length === 0
    ? undefined
    : { kind: 'ScyllaDB', facts: Object.fromEntries(facts), publicRoots: false }
}
