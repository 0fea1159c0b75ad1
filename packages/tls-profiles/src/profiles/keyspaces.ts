import { createHash } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import { TlsError } from '../errors.js'
import { buildProfile } from '../lib/build.js'
import { checkedName } from '../lib/names.js'
import {
  type CaInput,
  type CommonOptions,
  checkKeys,
  commonKeys,
  type OneOrMany,
  trustOf,
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

/** SHA-256 of the roots that Amazon Trust Services lists: Amazon Root CA 1 to 4, Starfield Services Root CA G2. */
const amazonRoots = [
  '8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e',
  '1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4',
  '18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4',
  'e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092',
  '568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5',
]
const port = 9142

/** The contact point and the port: `{ contactPoints: [host], protocolOptions: { port } }`. */
export function keyspacesEndpoint(options: KeyspacesEndpointOptions): { host: string; port: number } {
  const { region, host, fips = false } = options
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
  const profile = 'keyspaces'
  checkKeys(profile, options, ['region', 'host', 'fips', 'ca', 'resumption', ...commonKeys])
  const endpoint = keyspacesEndpoint(options)
  const trust = trustOf({ ca: options.ca ?? rootsOfAmazon() })
  const resumption = options.resumption ? endpoint : undefined
  return buildProfile({ profile, trust, hostname: endpoint.host, endpoint, resumption, options })
}

/** By digest: a subject can be imitated. Hashing all of Node's roots takes 3 ms, parsing them many times that. */
function rootsOfAmazon(): string[] {
  const found = rootCertificates.filter((pem) => amazonRoots.includes(sha256(pem)))
  if (found.length > 0) return found
  throw new TlsError('ROOTS_MISSING', "This Node.js does not have Amazon's root certificates.")
}

function sha256(pem: string): string {
  const der = Buffer.from(pem.replace(/-----[A-Z ]+-----/g, ''), 'base64')
  return createHash('sha256').update(der).digest('hex')
}
