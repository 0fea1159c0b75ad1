import { isIP } from 'node:net'
import type { SecureVersion, TlsOptions } from 'node:tls'
import type { ConnectionInfo, ServerAuthenticator } from './authenticator.js'
import type { Fault } from './fault.js'
import type { ProtocolVersion } from './lib/protocol.js'
import { knownVersions } from './lib/protocol.js'
import type { QueryHook } from './query.js'

type Pem = string | Buffer | (string | Buffer)[]

/** TLS of all nodes. */
export interface ServerTlsOptions {
  /** Certificate in PEM, intermediate certificates after it. */
  cert: Pem
  /** Its private key in PEM. */
  key: Pem
  /** Authorities for client certificates. */
  ca?: Pem
  /**
   * `none` (default); `request`: a client may send one, `connection.tls.authorized` says whether it is good;
   * `require`: a handshake without a good one fails.
   */
  requestClientCertificate?: 'none' | 'request' | 'require'
  /** Default: Node's, TLSv1.2. */
  minVersion?: SecureVersion
  /** Default: Node's, TLSv1.3. */
  maxVersion?: SecureVersion
  /** OpenSSL cipher list. */
  ciphers?: string
}

/** Options of `startTestServer`; all have defaults. */
export interface TestServerOptions {
  /** Addresses of the nodes, all on this machine. Default `['127.0.0.1']`; 127.0.0.2 … give a cluster on Linux. */
  addresses?: readonly string[]
  /** The port of all nodes. Default 0: any that is free. */
  port?: number
  /** How clients log in, for all or by connection. Default `allowAllAuthenticator()`. */
  authenticator?: ServerAuthenticator | ((connection: ConnectionInfo) => ServerAuthenticator)
  /** How the server misbehaves, for all or by connection. Default: not at all. */
  fault?: Fault | ((connection: ConnectionInfo) => Fault | undefined)
  /** Default: no TLS. */
  tls?: ServerTlsOptions
  /** Default `[3, 4]`. Other versions are answered as Cassandra does. */
  protocolVersions?: readonly ProtocolVersion[]
  /** What system.local says. Default: a release that speaks the versions, `5.0.9` for v3 and v4. */
  releaseVersion?: string
  /** Answers statements in place of the server. */
  query?: QueryHook
  /** Keyspaces that exist (empty), beside Cassandra's own. Default none. */
  keyspaces?: readonly string[]
  /** Default `datacenter1`. */
  localDataCenter?: string
  /** The largest request, header included; a larger one is refused. Default 16 MiB, as Cassandra 5.0. */
  maxFrameBytes?: number
  /** Messages that the transcript keeps, the newest ones. Default 10,000. */
  transcriptLimit?: number
}

/** The options with those defaults that the server needs more than once. */
export type CheckedOptions = TestServerOptions &
  Required<
    Pick<
      TestServerOptions,
      'addresses' | 'port' | 'protocolVersions' | 'keyspaces' | 'localDataCenter' | 'maxFrameBytes'
    >
  >

/** As Node's TLS server wants them. */
export function tlsOptions({ requestClientCertificate = 'none', ...rest }: ServerTlsOptions): TlsOptions {
  return {
    ...rest,
    requestCert: requestClientCertificate !== 'none',
    rejectUnauthorized: requestClientCertificate === 'require',
  }
}

/** Throws TypeError or RangeError, naming the option, before anything is started. */
export function checkOptions(options: TestServerOptions): CheckedOptions {
  const checked = {
    ...options,
    addresses: options.addresses ?? ['127.0.0.1'],
    port: options.port ?? 0,
    protocolVersions: options.protocolVersions ?? [3, 4],
    keyspaces: options.keyspaces ?? [],
    localDataCenter: options.localDataCenter ?? 'datacenter1',
    maxFrameBytes: options.maxFrameBytes ?? 16 * 1024 * 1024,
  }
  const { addresses, port, protocolVersions, maxFrameBytes } = checked
  const bad = addresses.find((address) => isIP(address) === 0)
  if (bad !== undefined) throw new TypeError(`addresses: '${bad}' is no IP address`)
  if (addresses.length === 0 || new Set(addresses).size < addresses.length) {
    throw new TypeError('addresses: at least one, and each once')
  }
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new RangeError('port: a whole number from 0 to 65535')
  }
  if (protocolVersions.length === 0 || protocolVersions.some((version) => !knownVersions.includes(version))) {
    throw new RangeError('protocolVersions: some of 1, 2, 3, 4, 0x41, 0x42')
  }
  if (!(maxFrameBytes >= 256)) throw new RangeError('maxFrameBytes: at least 256')
  return checked
}
