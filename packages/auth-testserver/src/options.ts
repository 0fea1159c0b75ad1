import { isIP } from 'node:net'
import type { SecureVersion } from 'node:tls'
import { isUint8Array } from 'node:util/types'
import { allowAllAuthenticator, type ConnectionInfo, type ServerAuthenticator } from './authenticator.js'
import type { Fault } from './fault.js'
import type { NodeTls } from './lib/nodes/node.js'
import { textsOption } from './lib/options/common-options.js'
import {
  bagOf,
  callback,
  duration,
  flag,
  initially,
  listOf,
  type Option,
  oneOf,
  optionBag,
  type Read,
  readOptions,
  required,
  type Spec,
  some,
  text,
  whole,
} from './lib/options/option-spec.js'
import type { ProtocolVersion } from './lib/wire/protocol.js'
import { knownVersions } from './lib/wire/protocol.js'
import type { QueryHook } from './query.js'

type Pem = string | Buffer | (string | Buffer)[]

/** TLS of all nodes. */
export interface ServerTlsOptions {
  /** The certificate in PEM, followed by its intermediate certificates. */
  cert: Pem
  /** The private key in PEM. */
  key: Pem
  /** The authorities of client certificates, in PEM. Default: those of Node.js. */
  ca?: Pem | undefined
  /**
   * `none` (default): no client certificate is requested. `request`: a client may send one, and
   * `connection.tls.authorized` says whether it is valid. `require`: a handshake without a valid one fails.
   */
  requestClientCertificate?: 'none' | 'request' | 'require' | undefined
  /**
   * Accepts connections without TLS on the same port, as Cassandra with `optional: true`. The client's first byte
   * decides, so a node sends nothing before it. Default false.
   */
  optional?: boolean | undefined
  /** The oldest TLS version. Default: that of Node.js, TLSv1.2. */
  minVersion?: SecureVersion | undefined
  /** The newest TLS version. Default: that of Node.js, TLSv1.3. */
  maxVersion?: SecureVersion | undefined
  /** OpenSSL's cipher list. Default: that of Node.js. */
  ciphers?: string | undefined
  /**
   * Keys of session tickets, 48 bytes. Servers with the same keys resume each other's sessions. If `setTls` gets the
   * same keys, the server resumes its earlier sessions. Default: each node has its own key, and a new one after each
   * `setTls`.
   */
  ticketKeys?: Buffer | undefined
}

/** Options of `startTestServer`; all have defaults. */
export interface TestServerOptions {
  /** Addresses of the nodes, all on this machine. Default `['127.0.0.1']`. On Linux, 127.0.0.2 … give a cluster. */
  addresses?: readonly string[] | undefined
  /** The port of all nodes. Default 0: any free port. */
  port?: number | undefined
  /**
   * How clients log in: one authenticator for all, or a function that chooses one for each connection. Default
   * `allowAllAuthenticator()`.
   */
  authenticator?: (ServerAuthenticator | ((connection: ConnectionInfo) => ServerAuthenticator)) | undefined
  /**
   * How the server misbehaves: one fault for all, or a function that chooses one for each connection. Default: not at
   * all.
   */
  fault?: (Fault | ((connection: ConnectionInfo) => Fault | undefined)) | undefined
  /** TLS of all nodes. Default: no TLS. */
  tls?: ServerTlsOptions | undefined
  /**
   * The protocol versions that the server supports. Default `[3, 4]`. Other versions are answered in the way of
   * Cassandra.
   */
  protocolVersions?: readonly ProtocolVersion[] | undefined
  /** The release in system.local. Default: a release that supports the versions, `5.0.9` for v3 and v4. */
  releaseVersion?: string | undefined
  /** Answers statements instead of the server. Default: the server answers. */
  query?: QueryHook | undefined
  /** Empty keyspaces that exist in addition to Cassandra's own. Default none. */
  keyspaces?: readonly string[] | undefined
  /** Name of the data center of all nodes. Default `datacenter1`. */
  localDataCenter?: string | undefined
  /** The largest request in bytes, header included. A larger one is refused. Default 16 MiB, as in Cassandra 5.0. */
  maxFrameBytes?: number | undefined
  /** How many messages the transcript keeps: the newest ones. Default 10,000. */
  transcriptLimit?: number | undefined
}

/** Options of `server.transcript`. */
export interface TranscriptOptions {
  /**
   * Whether secrets are hidden. Default true: tokens and passwords are shown only by their size, and string literals in
   * CQL are not shown.
   */
  redact?: boolean | undefined
}

/** Options of `server.waitFor` and `server.drained`. */
export interface WaitOptions {
  /** How long to wait, in milliseconds. Default 5 000. */
  timeoutMs?: number | undefined
}

/** Options of `server.closeConnections`. */
export interface CloseOptions {
  /** How to end them: abruptly (`destroy`, default), orderly (`fin`), or by RST (`rst`). */
  how?: 'fin' | 'rst' | 'destroy' | undefined
}

export const transcriptBag = optionBag('transcript', {
  redact: initially(true, flag, 'Tests that fail print their transcript.'),
} satisfies Spec<TranscriptOptions>)

export const waitBag = optionBag('waitFor', {
  timeoutMs: initially(
    5_000,
    duration({ max: 2 ** 31 - 1 }),
    'Longer than anything takes on one machine, and less than the time-out of a test.',
  ),
} satisfies Spec<WaitOptions>)

export const closeBag = optionBag('closeConnections', {
  how: initially('destroy', oneOf('fin', 'rst', 'destroy'), 'The same as a server that is killed.'),
} satisfies Spec<CloseOptions>)

const pem = some<string | Buffer>(
  'text in PEM, or a Buffer with it',
  (value) => (typeof value === 'string' && value !== '') || isUint8Array(value),
)

const pems: Option<Pem> = {
  must: `${pem.must}, or a list of these`,
  take: (value) =>
    (Array.isArray(value) ? listOf(pem, pem.must).take(value) : pem.take(value)) as Pem | undefined,
  initial: undefined,
}

const version = oneOf<SecureVersion>('TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3')

export const serverTlsBag = optionBag('the option tls of startTestServer', {
  cert: required(pems),
  key: required(pems),
  ca: pems,
  requestClientCertificate: initially(
    'none',
    oneOf('none', 'request', 'require'),
    'The same as in Cassandra: require_client_auth is false.',
  ),
  optional: initially(false, flag, 'The same as in Cassandra: if TLS is enabled, all clients need it.'),
  minVersion: version,
  maxVersion: version,
  ciphers: text("OpenSSL's list of ciphers"),
  ticketKeys: some<Buffer>('48 bytes', (value) => isUint8Array(value) && value.length === 48),
} satisfies Spec<ServerTlsOptions>)

export const testServerBag = optionBag('startTestServer', {
  addresses: initially(['127.0.0.1'], addressesOption(), 'Other machines cannot reach it.', '`127.0.0.1`'),
  port: initially(
    0,
    whole({ min: 0, max: 65_535 }),
    'Any free port, so that tests can run at the same time.',
  ),
  authenticator: initially(
    allowAllAuthenticator(),
    someWith<NonNullable<TestServerOptions['authenticator']>>('newExchange', 'an authenticator'),
    "Cassandra's own default.",
    'allowAllAuthenticator()',
  ),
  fault: someWith<NonNullable<TestServerOptions['fault']>>('act', 'a fault'),
  tls: bagOf(serverTlsBag),
  protocolVersions: initially(
    [3, 4],
    listOf(
      some<ProtocolVersion>('a version', (value) => knownVersions.includes(value as ProtocolVersion)),
      'a list of at least one of 1, 2, 3, 4, 0x41, 0x42',
    ),
    'The versions of Cassandra 4 and later that the driver supports.',
    '3 and 4',
  ),
  releaseVersion: text('a version of Cassandra'),
  query: callback<QueryHook>(),
  keyspaces: initially(
    [],
    textsOption('a list of keyspaces'),
    'The keyspaces of the system are always there.',
  ),
  localDataCenter: initially('datacenter1', text('the name of a data center'), "Cassandra's own default."),
  maxFrameBytes: initially(
    16 * 1024 * 1024,
    whole({ min: 256, max: 2 ** 31 - 1 }),
    "Cassandra's native_transport_max_frame_size.",
  ),
  transcriptLimit: initially(
    10_000,
    whole({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    'More than a test has, and a long run does not fill the memory.',
  ),
} satisfies Spec<TestServerOptions>)

/** The options as the server uses them. */
export type CheckedOptions = Read<typeof testServerBag.options>

/** The TLS options in the form that a node needs. */
export function nodeTls(tls: ServerTlsOptions): NodeTls {
  const { requestClientCertificate, optional, ...rest } = readOptions(serverTlsBag, tls)
  const given = Object.entries(rest).filter(([, value]) => value !== undefined)
  const options = {
    ...Object.fromEntries(given),
    requestCert: requestClientCertificate !== 'none',
    rejectUnauthorized: requestClientCertificate === 'require',
  }
  return { options, optional }
}

function addressesOption(): Option<readonly string[], undefined> {
  const list = listOf(
    some<string>('an IP address', (value) => typeof value === 'string' && isIP(value) !== 0),
    'a list of IP addresses, at least one, and each once',
  )
  const take = (value: unknown) => {
    const addresses = list.take(value)
    return new Set(addresses).size === addresses?.length ? addresses : undefined
  }
  return { ...list, take }
}

/** An object with this method, or a function that chooses one for a connection. */
function someWith<T>(method: string, what: string): Option<T, undefined> {
  const is = (value: unknown) =>
    typeof value === 'function' ||
    typeof (value as Readonly<Record<string, unknown>> | null)?.[method] === 'function'
  return some(`${what}: an object with the method ${method}, or a function that returns one`, is)
}
