import {
  type KeyspacesEndpointOptions,
  keyspacesEndpoint,
  keyspacesEndpointOptions,
} from '../keyspaces-endpoint.js'
import { buildProfile } from '../lib/build.js'
import { optionBag, readOptions, refuseMore, type Spec } from '../lib/options/option-spec.js'
import {
  type CaInput,
  type CommonOptions,
  caOption,
  commonOptions,
  type OneOrMany,
  type ResumptionOptions,
  resumptionOptions,
  serverNamed,
} from '../options.js'
import type { TlsProfile } from '../profile.js'

/** Options of keyspaces. */
export type KeyspacesOptions = KeyspacesEndpointOptions &
  CommonOptions &
  ResumptionOptions & {
    /** The CAs to trust instead of Amazon's roots. */
    readonly ca?: OneOrMany<CaInput> | undefined
  }

export const keyspacesBag = optionBag('keyspaces', {
  ...keyspacesEndpointOptions,
  ca: caOption,
  ...resumptionOptions,
  ...commonOptions,
} satisfies Spec<KeyspacesOptions>)

/**
 * A profile for Amazon Keyspaces. It verifies the server against Amazon's own roots, which are among those of Node.js,
 * by the name of the region's endpoint, which all its nodes share. `explain().endpoint` has the contact point and the
 * port. Throws a TlsError: OPTION_INVALID, ROOTS_MISSING.
 */
export function keyspaces(options: KeyspacesOptions): TlsProfile
export function keyspaces(options: KeyspacesOptions, ...more: readonly unknown[]): TlsProfile {
  refuseMore('keyspaces', more)
  const read = readOptions(keyspacesBag, options)
  const { region, endpoint: name, useFipsEndpoint, useDualstackEndpoint } = read
  const given = { region, endpoint: name, useFipsEndpoint, useDualstackEndpoint }
  const { host, port } = keyspacesEndpoint(given as KeyspacesEndpointOptions)
  const endpoint = { host, port }
  return buildProfile({
    profile: 'keyspaces',
    trust: { ca: read.ca ?? amazonRoots(), systemRoots: false, crl: undefined },
    identity: serverNamed(host),
    endpoint,
    resumption: read.resumption,
    options: read,
  })
}

function amazonRoots(): string[] {
  return (
    require('../lib/material/amazon-roots.js') as typeof import('../lib/material/amazon-roots.js')
  ).amazonRoots()
}
