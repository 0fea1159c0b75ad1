import type * as AuthCore from '@x/auth-core'
import { authError } from '@x/auth-core/base'
import type * as TlsProfiles from '@x/tls-profiles'
import { type ClientOptions, types } from 'cassandra-driver'
import { type EndpointOptions, endpointOf, parseKeyspacesEndpoint } from './endpoints.js'
import { sigV4Error } from './errors.js'
import { knownRegion } from './region.js'
import { optionNames, type SigV4AuthOptions, SigV4AuthProvider } from './sigv4-auth-provider.js'

/** Those of SigV4AuthProvider, and: */
export interface KeyspacesOptions extends SigV4AuthOptions, EndpointOptions {
  /**
   * The endpoint, `host` or `host:port`, such as that of an interface VPC endpoint. Default: that of the service in
   * `region`, by `useFipsEndpoint` and `useDualstackEndpoint`, at port 9142.
   */
  readonly endpoint?: string | undefined
  /** The name that the server's certificate must have. Default: the endpoint. */
  readonly servername?: string | undefined
  /** PEM files, PEM texts or buffers, instead of Amazon's roots. */
  readonly ca?: TlsProfiles.KeyspacesOptions['ca']
  /**
   * Connections to each node: nine nodes behind a public endpoint, one for each zone behind a VPC endpoint, and each
   * connection carries at most 3 000 requests a second. Default 1, as the driver.
   */
  readonly connectionsPerHost?: number | undefined
  /** Other options of the Client; what they say wins, in `protocolOptions`, `pooling` and `queryOptions` one by one. */
  readonly client?: Partial<ClientOptions> | undefined
}

/** Options of a Client, complete. */
export type KeyspacesClientOptions = ClientOptions &
  Required<Pick<ClientOptions, 'contactPoints' | 'localDataCenter' | 'authProvider' | 'sslOptions'>>

const ownNames = [
  'useFipsEndpoint',
  'useDualstackEndpoint',
  'servername',
  'ca',
  'connectionsPerHost',
  'client',
]

/**
 * The options for `new Client(…)` of Amazon Keyspaces: endpoint, port, data centre, verified TLS, login by SigV4,
 * LOCAL_QUORUM (without which Keyspaces refuses to write), protocol version 4, checked by `secureClientOptions`.
 *
 * The region must be known at once: `region`, `endpoint`, AWS_REGION or AWS_DEFAULT_REGION; of a profile it is
 * `await profileRegion()`. Errors: those of SigV4AuthProvider and of the TLS profile.
 */
export function keyspaces(options: KeyspacesOptions = {}): KeyspacesClientOptions {
  checkNames(options)
  const { endpoint, servername, ca, connectionsPerHost = 1, client = {} } = options
  const region = knownRegion(options)
  if (region === undefined) {
    throw sigV4Error(
      'REGION_NOT_CONFIGURED',
      'keyspaces() needs the region at once; for that of a profile: keyspaces({ region: await profileRegion() }).',
    )
  }
  const { host, port } =
    endpoint === undefined ? endpointOf(region, options) : namedEndpoint(endpoint, options)
  const { secureClientOptions }: typeof AuthCore = require('@x/auth-core')
  const complete = secureClientOptions({
    contactPoints: [host],
    localDataCenter: region.toLowerCase(),
    authProvider: client.authProvider ?? new SigV4AuthProvider({ ...providerOptions(options), region }),
    sslOptions: client.sslOptions ?? verified(servername ?? host, ca),
    ...client,
    protocolOptions: { port, maxVersion: 4, ...client.protocolOptions },
    pooling: {
      ...client.pooling,
      coreConnectionsPerHost: {
        [types.distance.local]: checkCount(connectionsPerHost),
        ...client.pooling?.coreConnectionsPerHost,
      },
    },
    queryOptions: { consistency: types.consistencies.localQuorum, ...client.queryOptions },
  })
  return complete as KeyspacesClientOptions
}

/** Loaded here: who uses the provider alone has no use for it. A plain `require`, since all of this is synchronous. */
function verified(host: string, ca: KeyspacesOptions['ca']) {
  const profiles: typeof TlsProfiles = require('@x/tls-profiles')
  return profiles.keyspaces({ host, ...(ca === undefined ? {} : { ca }) })
}

function namedEndpoint(endpoint: string, options: EndpointOptions) {
  const set = (['useFipsEndpoint', 'useDualstackEndpoint'] as const).find((name) => options[name])
  if (!set) return parseKeyspacesEndpoint(endpoint)
  throw authError('OPTIONS_CONTRADICT', `The options endpoint and ${set} each say which endpoint it is.`)
}

function providerOptions(options: KeyspacesOptions): SigV4AuthOptions {
  const entries = Object.entries(options).filter(([name]) => optionNames.includes(name))
  return Object.fromEntries(entries)
}

function checkNames(options: KeyspacesOptions): void {
  const known = [...optionNames, ...ownNames]
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw authError(
    'OPTION_INVALID',
    `keyspaces() has no option ${unknown}; it has ${known.join(', ')}. Options of the Client go into client.`,
  )
}

function checkCount(connectionsPerHost: number): number {
  if (Number.isInteger(connectionsPerHost) && connectionsPerHost > 0) return connectionsPerHost
  throw authError('OPTION_INVALID', 'The option connectionsPerHost is a whole number above 0.')
}
