import type * as AuthCore from '@x/auth-core'
import {
  authError,
  definedIn,
  flag,
  initially,
  listOf,
  type Option,
  optionBag,
  type Read,
  readOptions,
  refuseMore,
  type Spec,
  some,
  text,
  whole,
} from '@x/auth-core/base'
import type * as TlsProfiles from '@x/tls-profiles'
import { type ClientOptions, types } from 'cassandra-driver'
import { sigV4Error } from './errors.js'
import { type SigV4AuthOptions, sigV4AuthBag } from './options.js'
import { knownRegion } from './region.js'
import { SigV4AuthProvider } from './sigv4-auth-provider.js'

/** Another endpoint of the service in a region. */
export interface EndpointOptions {
  /** The endpoint that is validated for FIPS 140. Default false. */
  readonly useFipsEndpoint?: boolean | undefined
  /** The endpoint that has IPv6 and IPv4 addresses. Default false. */
  readonly useDualstackEndpoint?: boolean | undefined
}

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
  /** Other options of the Client. Their values win; in `protocolOptions`, `pooling` and `queryOptions` one by one. */
  readonly client?: Partial<ClientOptions> | undefined
}

/** Options of a Client, complete. */
export type KeyspacesClientOptions = ClientOptions &
  Required<Pick<ClientOptions, 'contactPoints' | 'localDataCenter' | 'authProvider' | 'sslOptions'>>

const anObject = some<object>(
  'an object',
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
)

export const keyspacesBag = optionBag('keyspaces', {
  ...sigV4AuthBag.options,
  useFipsEndpoint: initially(false, flag, 'Most regions have no such endpoint.'),
  useDualstackEndpoint: initially(false, flag, 'Not all partitions have such an endpoint.'),
  servername: { ...text('the name of a host'), shown: 'the endpoint', why: 'Its certificate has that name.' },
  ca: {
    ...some<NonNullable<KeyspacesOptions['ca']>>(
      'certificates, as @x/tls-profiles takes them',
      (value) => value !== null,
    ),
    shown: "Amazon's roots",
    why: 'No other CA issues certificates for the service.',
  },
  connectionsPerHost: initially(1, whole({ min: 1, max: 10_000 }), 'As the driver.'),
  client: some<Partial<ClientOptions>>(
    'an object with options of the Client',
    (value) => anObject.take(value) !== undefined,
  ),
} satisfies Spec<KeyspacesOptions>)

/** What keyspaces() sets: a client may set another value, but not remove it. */
const overrides = {
  contactPoints: listOf(text(), 'a list of at least one address'),
  localDataCenter: text('the name of a data center'),
  authProvider: anObject,
  sslOptions: anObject,
  protocolOptions: partsOf('port', 'maxVersion'),
  pooling: partsOf('coreConnectionsPerHost'),
  queryOptions: partsOf('consistency'),
}

/** A plain copy of an option with several parts; a part that keyspaces() sets too must not be null or a list. */
function partsOf(...names: readonly string[]): Option<object, undefined> {
  const take = (value: unknown) => {
    const parts = anObject.take(value) && definedIn(value as Readonly<Record<string, unknown>>)
    return names.some((name) => isNothing(parts?.[name])) ? undefined : parts
  }
  return {
    must: `an object in which ${names.join(' and ')} is neither null nor a list`,
    take,
    initial: undefined,
  }
}

/** A value that would count as "not given". */
function isNothing(part: unknown): boolean {
  return part === null || Array.isArray(part)
}

/**
 * The options for `new Client(…)` of Amazon Keyspaces: endpoint, port, data center, verified TLS, login by SigV4,
 * LOCAL_QUORUM (Keyspaces refuses writes without it), protocol version 4, checked by `secureClientOptions`.
 *
 * The region must be known at once: `region`, `endpoint`, AWS_REGION or AWS_DEFAULT_REGION; for a profile, use `await
 * profileRegion({ profile })`. Errors: those of SigV4AuthProvider and of the TLS profile, a TlsError among them.
 */
export function keyspaces(options?: KeyspacesOptions): KeyspacesClientOptions
export function keyspaces(
  options: KeyspacesOptions = {},
  ...more: readonly unknown[]
): KeyspacesClientOptions {
  refuseMore('keyspaces', more)
  const read = readOptions(keyspacesBag, options)
  const { servername, ca, connectionsPerHost } = read
  const region = knownRegion(read)
  if (region === undefined) throw regionUnknown(read.profile)
  const profiles: typeof TlsProfiles = require('@x/tls-profiles')
  const { host, port } = profiles.keyspacesEndpoint(endpointOptions(read, region))
  const client = clientOf(read.client ?? {})
  const { secureClientOptions }: typeof AuthCore = require('@x/auth-core')
  const complete = secureClientOptions({
    contactPoints: [host],
    localDataCenter: region.toLowerCase(),
    ...client,
    authProvider: client.authProvider ?? new SigV4AuthProvider({ ...providerOptions(read), region }),
    sslOptions: client.sslOptions ?? profiles.keyspaces({ endpoint: servername ?? host, ca }),
    protocolOptions: { port, maxVersion: 4, ...client.protocolOptions },
    pooling: {
      ...client.pooling,
      coreConnectionsPerHost: {
        [types.distance.local]: connectionsPerHost,
        ...definedIn(client.pooling?.coreConnectionsPerHost ?? {}),
      },
    },
    queryOptions: { consistency: types.consistencies.localQuorum, ...client.queryOptions },
  })
  return complete as KeyspacesClientOptions
}

function regionUnknown(profile: string | undefined) {
  const how = profile === undefined ? 'profileRegion()' : `profileRegion({ profile: '${profile}' })`
  const problem = `keyspaces() needs the region at the call. To use the region of the profile: keyspaces({ region: await ${how}, … }).`
  return sigV4Error('REGION_NOT_CONFIGURED', problem)
}

type ReadKeyspacesOptions = Read<typeof keyspacesBag.options>

function endpointOptions(
  options: ReadKeyspacesOptions,
  region: string,
): TlsProfiles.KeyspacesEndpointOptions {
  const { endpoint, useFipsEndpoint, useDualstackEndpoint } = options
  if (endpoint === undefined) return { region, useFipsEndpoint, useDualstackEndpoint }
  if (!useFipsEndpoint && !useDualstackEndpoint) return { endpoint }
  const beside = useFipsEndpoint ? 'useFipsEndpoint' : 'useDualstackEndpoint'
  throw authError(
    'OPTIONS_CONTRADICT',
    `The options endpoint and ${beside} contradict each other: each chooses an endpoint.`,
  )
}

/** The options of a client that it defines, each read once. */
function clientOf(given: Partial<ClientOptions>): Partial<ClientOptions> {
  const client: Record<string, unknown> = definedIn(given)
  for (const [name, { take, must }] of Object.entries(overrides)) {
    if (client[name] === undefined) continue
    const value: unknown = take(client[name])
    if (value === undefined) {
      throw authError('OPTION_INVALID', `The option client.${name} of keyspaces must be ${must}.`)
    }
    client[name] = value
  }
  return client
}

function providerOptions(options: ReadKeyspacesOptions): SigV4AuthOptions {
  const names = Object.keys(sigV4AuthBag.options) as (keyof SigV4AuthOptions)[]
  return Object.fromEntries(names.map((name) => [name, options[name]]))
}
