import { TlsError } from './errors.js'
import { checkedName } from './lib/identity/host-name.js'
import {
  flag,
  initially,
  optionBag,
  readOptions,
  refuseMore,
  type Spec,
  text,
} from './lib/options/option-spec.js'

/** The endpoint of Amazon Keyspaces in a region, or another name for it. The options have the names of the AWS SDK. */
export type KeyspacesEndpointOptions =
  | {
      /** The name of the region, such as `us-east-1`, in upper or lower case. */
      readonly region: string
      /** Use the endpoint that is validated for FIPS 140, in the regions that have one. Default false. */
      readonly useFipsEndpoint?: boolean | undefined
      /** Use the endpoint that has IPv6 and IPv4 addresses. Default false. */
      readonly useDualstackEndpoint?: boolean | undefined
      readonly endpoint?: undefined
    }
  | {
      /** `host` or `host:port`, default port 9142: the name of a VPC endpoint, or another name that leads to the service. */
      readonly endpoint: string
      readonly region?: undefined
      readonly useFipsEndpoint?: false | undefined
      readonly useDualstackEndpoint?: false | undefined
    }

/** An endpoint of Amazon Keyspaces. */
export interface KeyspacesEndpoint {
  readonly host: string
  readonly port: number
  /** The region in lower case. For an `endpoint` it is the region in its name; undefined if there is none. */
  readonly region: string | undefined
}

interface Partition {
  readonly regions: RegExp
  readonly suffix: string
  readonly dualstackSuffix?: string
  /** The regions that have an endpoint `cassandra-fips`. `public`: the public endpoint of all regions is validated. */
  readonly fips: readonly string[] | 'public'
}

/**
 * The middle part of each region's name. A region with another word is a typing error, and DNS would only say that the
 * name is unknown.
 */
const direction = '(?:central|(?:north|south)(?:east|west)?|east|west)'

/**
 * From "Service endpoints for Amazon Keyspaces" of its developer guide, and from `cassandra` in the endpoints.json of
 * botocore, whose rows are in `vectors/sigv4-endpoints.json`. A region that is newer than this table follows the first
 * row. The isolated partitions and the European sovereign cloud have no endpoint in either list.
 */
const partitions: readonly Partition[] = [
  {
    regions: new RegExp(`^(?:af|ap|ca|eu|il|me|mx|sa|us)-${direction}-\\d+$`),
    suffix: 'amazonaws.com',
    dualstackSuffix: 'api.aws',
    fips: ['us-east-1', 'us-west-2'],
  },
  { regions: new RegExp(`^us-gov-${direction}-\\d+$`), suffix: 'amazonaws.com', fips: 'public' },
  { regions: new RegExp(`^cn-${direction}-\\d+$`), suffix: 'amazonaws.com.cn', fips: [] },
]

const defaultPort = 9142

/** The names of the service itself, and those of interface VPC endpoints (of a region or of one zone), without the suffix. */
const serviceName = /^cassandra(?:-fips)?\.([a-z0-9-]+)$/
const vpcName = /^vpce-[a-z0-9-]+\.cassandra(?:-fips)?\.([a-z0-9-]+)\.vpce$/

/** For the bag of each function that takes an endpoint. */
export const keyspacesEndpointOptions = {
  region: text('the name of an AWS region, like us-east-1'),
  endpoint: text('the name of a host, or host:port; not a URL'),
  useFipsEndpoint: initially(false, flag, 'Most regions have no such endpoint.'),
  useDualstackEndpoint: initially(false, flag, 'Not all partitions have such an endpoint.'),
} satisfies Spec<KeyspacesEndpointOptions>

const keyspacesEndpointBag = optionBag('keyspacesEndpoint', keyspacesEndpointOptions)

/**
 * Returns the contact point and the port of Amazon Keyspaces: `{ contactPoints: [host], protocolOptions: { port } }`.
 * Throws a TlsError: OPTION_INVALID, also for a region without such an endpoint.
 */
export function keyspacesEndpoint(options: KeyspacesEndpointOptions): KeyspacesEndpoint
export function keyspacesEndpoint(
  options: KeyspacesEndpointOptions,
  ...more: readonly unknown[]
): KeyspacesEndpoint {
  refuseMore('keyspacesEndpoint', more)
  const { region, endpoint, useFipsEndpoint, useDualstackEndpoint } = readOptions(
    keyspacesEndpointBag,
    options,
  )
  if ((region === undefined) === (endpoint === undefined)) {
    throw new TlsError('OPTION_INVALID', 'Keyspaces needs either `region` or `endpoint`.')
  }
  if (region !== undefined) return endpointIn(region, useFipsEndpoint, useDualstackEndpoint)
  if (useFipsEndpoint || useDualstackEndpoint) {
    const beside = useFipsEndpoint ? 'useFipsEndpoint' : 'useDualstackEndpoint'
    throw new TlsError(
      'OPTION_INVALID',
      `The options endpoint and ${beside} contradict each other: each chooses an endpoint.`,
    )
  }
  return named(endpoint as string)
}

function endpointIn(given: string, isFips: boolean, isDualstack: boolean): KeyspacesEndpoint {
  const region = given.toLowerCase()
  const partition = partitions.find(({ regions }) => regions.test(region))
  const refuse = (problem: string) => new TlsError('OPTION_INVALID', problem)
  if (!partition) throw refuse(unknownRegion(given))
  const { fips, suffix, dualstackSuffix } = partition
  const ownFips = isFips && fips !== 'public'
  if (ownFips && !fips.includes(region)) throw refuse(`Keyspaces has no FIPS endpoint in ${region}.`)
  const chosen = isDualstack ? dualstackSuffix : suffix
  if (!chosen) throw refuse(`No dual-stack endpoint of Keyspaces is known in ${region}: pass \`endpoint\`.`)
  return { host: `cassandra${ownFips ? '-fips' : ''}.${region}.${chosen}`, port: defaultPort, region }
}

function named(endpoint: string): KeyspacesEndpoint {
  const [, before, digits] = /^([^:]*):(\d{1,5})$/.exec(endpoint) ?? []
  const port = digits === undefined ? defaultPort : Number(digits)
  if (port < 1 || port > 65_535)
    throw new TlsError('OPTION_INVALID', 'The port of `endpoint` is not a number from 1 to 65535.')
  // Certificates do not contain the dot at the end of an absolute name.
  const host = checkedName(before ?? endpoint, '`endpoint`').replace(/\.$/, '')
  return { host, port, region: regionIn(host) }
}

function regionIn(host: string): string | undefined {
  for (const suffix of partitions.flatMap(({ suffix, dualstackSuffix = suffix }) => [
    suffix,
    dualstackSuffix,
  ])) {
    const name = host.endsWith(`.${suffix}`) ? host.slice(0, -suffix.length - 1) : ''
    const region = (serviceName.exec(name) ?? vpcName.exec(name))?.[1]
    if (region !== undefined) return region
  }
  return undefined
}

function unknownRegion(given: string): string {
  const region = JSON.stringify(given.slice(0, 60))
  return `No endpoint of Keyspaces is known for the region ${region}: check its spelling (us-east-1, eu-central-1), or pass \`endpoint\`.`
}
