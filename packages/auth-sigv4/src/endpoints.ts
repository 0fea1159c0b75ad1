import { authError } from '@x/auth-core/base'

/** An endpoint of Amazon Keyspaces, and the region that its name tells; undefined where it tells none. */
export interface KeyspacesEndpoint {
  readonly host: string
  readonly port: number
  readonly region: string | undefined
}

export interface EndpointOptions {
  /** The endpoint that is validated for FIPS 140. Default false. */
  readonly useFipsEndpoint?: boolean | undefined
  /** The endpoint that has IPv6 addresses beside those of IPv4. Default false. */
  readonly useDualstackEndpoint?: boolean | undefined
}

interface Partition {
  readonly regions: RegExp
  readonly suffix: string
  readonly dualstackSuffix?: string
  /** The regions with an endpoint `cassandra-fips`; `public`: the endpoint of all is validated. */
  readonly fips: readonly string[] | 'public'
}

/**
 * From "Service endpoints for Amazon Keyspaces" of its developer guide, and `cassandra` in the endpoints.json of
 * botocore 1.44.5. A region that is newer than this table follows the first row.
 */
const partitions: readonly Partition[] = [
  {
    regions: /^(af|ap|ca|eu|il|me|mx|sa|us)-(?!gov-|iso)[a-z]+-\d+$/,
    suffix: 'amazonaws.com',
    dualstackSuffix: 'api.aws',
    fips: ['us-east-1', 'us-west-2'],
  },
  { regions: /^us-gov-[a-z]+-\d+$/, suffix: 'amazonaws.com', fips: 'public' },
  { regions: /^cn-[a-z]+-\d+$/, suffix: 'amazonaws.com.cn', fips: [] },
]

const port = 9142

/** A host name label: what the AWS SDK takes for a region, in either case. */
const regionForm = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i

/** Names of the service itself, and those of interface VPC endpoints, regional or of one zone. */
const serviceName = /^cassandra(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/
const vpcName =
  /^vpce-[a-z0-9-]+\.cassandra(?:-fips)?\.([a-z0-9-]+)\.vpce\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/

/** The service's own endpoint in a region. Errors: OPTION_INVALID for a region without such an endpoint. */
export function endpointOf(region: string, options: EndpointOptions = {}): KeyspacesEndpoint {
  const { useFipsEndpoint = false, useDualstackEndpoint = false } = options
  const name = region.toLowerCase()
  const partition = partitions.find(({ regions }) => regions.test(name))
  if (!partition) {
    throw authError('OPTION_INVALID', `The endpoint of the region ${region} is not known; pass \`endpoint\`.`)
  }
  const { fips, suffix, dualstackSuffix } = partition
  const isFips = useFipsEndpoint && fips !== 'public'
  if (isFips && !fips.includes(name)) {
    throw authError('OPTION_INVALID', `Amazon Keyspaces has no FIPS endpoint in ${region}.`)
  }
  const chosen = useDualstackEndpoint ? dualstackSuffix : suffix
  if (!chosen) {
    throw authError('OPTION_INVALID', `No dual-stack endpoint is known in ${region}; pass \`endpoint\`.`)
  }
  return { host: `cassandra${isFips ? '-fips' : ''}.${name}.${chosen}`, port, region }
}

/** Takes `host` or `host:port`, and the region out of a name of Keyspaces. Errors: OPTION_INVALID. */
export function parseKeyspacesEndpoint(endpoint: string): KeyspacesEndpoint {
  const form = /^([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)\.?(?::(\d{1,5}))?$/i.exec(String(endpoint))
  const [, host, digits = String(port)] = form ?? []
  const number = Number(digits)
  if (!host || number < 1 || number > 65_535) {
    throw authError('OPTION_INVALID', 'The option endpoint is the name of a host, or host:port; not a URL.')
  }
  const name = host.toLowerCase()
  const region = (serviceName.exec(name) ?? vpcName.exec(name))?.[1]
  return { host: name, port: number, region }
}

/** Errors: OPTION_INVALID for what can not be the name of a region. */
export function checkRegion(region: unknown, from: string): string {
  if (typeof region !== 'string' || !regionForm.test(region)) {
    throw authError('OPTION_INVALID', `The region from ${from} is not the name of an AWS region.`)
  }
  if (/^fips-|-fips$/i.test(region)) {
    throw authError(
      'OPTION_INVALID',
      `The region from ${from} is ${region}, which names an endpoint; give the region and useFipsEndpoint.`,
    )
  }
  return region
}
