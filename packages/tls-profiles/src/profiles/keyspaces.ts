import { TlsError } from '../errors.js'
import { buildProfile } from '../lib/build.js'
import { checkedName } from '../lib/identity/host-name.js'
import { flag, initially, optionBag, readOptions, type Spec, text } from '../lib/options/option-spec.js'
import {
  type CaInput,
  type CommonOptions,
  caOption,
  commonOptions,
  type OneOrMany,
  resumptionFlag,
  serverNamed,
} from '../options.js'
import type { TlsProfile } from '../profile.js'

/** Where Amazon Keyspaces is. */
export type KeyspacesEndpointOptions =
  | {
      /** `us-east-1`, `cn-north-1`, … */
      readonly region: string
      /** The endpoint validated for FIPS 140, in the regions that have one. Default false. */
      readonly fips?: boolean | undefined
      readonly host?: undefined
    }
  | {
      /** Another name of the service, such as that of a VPC endpoint. */
      readonly host: string
      readonly region?: string | undefined
      readonly fips?: undefined
    }

/** Options of keyspaces. */
export type KeyspacesOptions = KeyspacesEndpointOptions &
  CommonOptions & {
    /** Instead of Amazon's roots. */
    readonly ca?: OneOrMany<CaInput> | undefined
    /** Resume TLS sessions, asked for on a connection of the profile's own. Default false. */
    readonly resumption?: boolean | undefined
  }

const endpointOptions = {
  region: text('the name of an AWS region, like us-east-1'),
  host: text('the name of a host'),
  fips: initially(false, flag, 'Most regions have no such endpoint.'),
} satisfies Spec<KeyspacesEndpointOptions>

const endpointBag = optionBag('keyspacesEndpoint', endpointOptions)

export const keyspacesBag = optionBag('keyspaces', {
  ...endpointOptions,
  ca: caOption,
  resumption: resumptionFlag,
  ...commonOptions,
} satisfies Spec<KeyspacesOptions>)

const port = 9142

/** The contact point and the port: `{ contactPoints: [host], protocolOptions: { port } }`. */
export function keyspacesEndpoint(options: KeyspacesEndpointOptions): { host: string; port: number } {
  const { region, host, fips } = readOptions(endpointBag, options)
  if (host !== undefined) return { host: checkedName(host, '`host`'), port }
  if (typeof region !== 'string' || !/^[a-z]{2,}(-[a-z]+)+-\d$/.test(region)) {
    throw new TlsError('OPTION_INVALID', `\`region\` must be the name of an AWS region, like us-east-1.`)
  }
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  return { host: `cassandra${fips ? '-fips' : ''}.${region}.${suffix}`, port }
}

/**
 * Amazon Keyspaces: verified against Amazon's own roots, taken from those of Node.js, by the name of the region's
 * endpoint, which all its nodes share. `explain().endpoint` has the contact point and the port. Throws a TlsError:
 * OPTION_INVALID, ROOTS_MISSING.
 */
export function keyspaces(options: KeyspacesOptions): TlsProfile {
  const read = readOptions(keyspacesBag, options)
  const { region, host, fips } = read
  const endpoint = keyspacesEndpoint({ region, host, fips } as KeyspacesEndpointOptions)
  return buildProfile({
    profile: 'keyspaces',
    trust: { ca: read.ca ?? amazonRoots(), systemRoots: false, crl: undefined },
    identity: serverNamed(endpoint.host),
    endpoint,
    resumption: read.resumption ? endpoint : undefined,
    options: read,
  })
}

function amazonRoots(): string[] {
  return (
    require('../lib/material/amazon-roots.js') as typeof import('../lib/material/amazon-roots.js')
  ).amazonRoots()
}
