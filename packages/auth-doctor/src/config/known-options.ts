import type { ClientOptions } from 'cassandra-driver'

/** All options of a Client, from the driver's own declarations: the compiler names an option that is missing here, and one that is not an option. */
const clientOptions = {
  contactPoints: true,
  localDataCenter: true,
  keyspace: true,
  authProvider: true,
  credentials: true,
  cloud: true,
  encoding: true,
  isMetadataSyncEnabled: true,
  maxPrepared: true,
  metrics: true,
  policies: true,
  pooling: true,
  prepareOnAllHosts: true,
  profiles: true,
  protocolOptions: true,
  promiseFactory: true,
  queryOptions: true,
  refreshSchemaDelay: true,
  rePrepareOnUp: true,
  requestTracker: true,
  socketOptions: true,
  sslOptions: true,
} satisfies Record<keyof ClientOptions, true>

const protocolOptions = {
  maxSchemaAgreementWaitSeconds: true,
  maxVersion: true,
  noCompact: true,
  port: true,
} satisfies Record<keyof NonNullable<ClientOptions['protocolOptions']>, true>

const socketOptions = {
  coalescingThreshold: true,
  connectTimeout: true,
  defunctReadTimeoutThreshold: true,
  keepAlive: true,
  keepAliveDelay: true,
  readTimeout: true,
  tcpNoDelay: true,
} satisfies Record<keyof NonNullable<ClientOptions['socketOptions']>, true>

/** The driver's code reads these, but its declarations do not have them. */
const undeclared = ['logEmitter', 'sni', 'id', 'applicationName', 'applicationVersion', 'monitorReporting']

/** What people write, and what they mean. */
const meant: Readonly<Record<string, string>> = {
  contactPoint: 'contactPoints',
  localDatacenter: 'localDataCenter',
  datacenter: 'localDataCenter',
  ssl: 'sslOptions',
  tls: 'sslOptions',
  sslOption: 'sslOptions',
  port: 'protocolOptions.port',
  username: 'credentials or authProvider',
  password: 'credentials or authProvider',
  auth: 'authProvider',
}

/** Whether this has any option of a Client. If so, it may be meant as options. */
export function hasOption(exports: object): boolean {
  return Object.keys(exports).some((name) => name in clientOptions || name in meant)
}

/** Options that the driver does not read: `name`, with the option that is probably meant if there is one. */
export function unreadOptions(options: Readonly<Record<string, unknown>>): readonly string[] {
  return [
    ...unread('', options, [...Object.keys(clientOptions), ...undeclared]),
    ...unread('protocolOptions.', options['protocolOptions'], Object.keys(protocolOptions)),
    ...unread('socketOptions.', options['socketOptions'], Object.keys(socketOptions)),
  ]
}

function unread(prefix: string, given: unknown, known: readonly string[]): readonly string[] {
  if (typeof given !== 'object' || given === null) return []
  return Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const hint = meant[name]
      return `${prefix}${name}${prefix === '' && hint !== undefined ? `: did you mean ${hint}?` : ''}`
    })
}
