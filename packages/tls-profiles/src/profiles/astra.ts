import type { CertificateSummary } from '../certificate.js'
import { TlsError } from '../errors.js'
import { loadMaterial } from '../lib/material.js'
import { bytesOf, nameOf, readSnapshotSync, type Source, sourceOf } from '../lib/source.js'
import { readZip } from '../lib/zip.js'
import { checkKeys } from '../options.js'
import { type TlsProfileRecord, tlsProfile } from '../profile.js'

/** Options of astra. */
export interface AstraOptions {
  /** Path of the secure connect bundle, a .zip. */
  readonly bundle: string
}

/** Options for a Client, to be spread into the rest: `new Client({ ...astra({ bundle }), credentials })`. */
export interface AstraClientOptions {
  readonly cloud: { readonly secureConnectBundle: string }
  readonly [tlsProfile]: TlsProfileRecord
  /** What the bundle holds; not enumerable, so not part of a spread. */
  readonly bundle: AstraBundle
}

/** What was found in a bundle. */
export interface AstraBundle {
  /** The metadata service that the driver asks first. */
  readonly host: string
  readonly port: number
  readonly ca: readonly CertificateSummary[]
  readonly clientCertificate: CertificateSummary
  /** Whether it has a user name and password for the driver. */
  readonly hasCredentials: boolean
}

/**
 * DataStax Astra. The driver's own `cloud` option is the right way in: it fetches the proxy's address, routes by
 * SNI and verifies chain and name, and it refuses `sslOptions` beside it. This checks the bundle beforehand, where
 * the driver would fail at the first connection or not say why: it parses, key and certificate belong together,
 * nothing has expired. Throws a TlsError: FILE_MISSING, BUNDLE_INVALID, KEY_MISMATCH, CERTIFICATE_EXPIRED, ….
 */
export function astra(options: AstraOptions): AstraClientOptions {
  checkKeys('astra', options, ['bundle'])
  const source = sourceOf('bundle', options.bundle)
  if (source.file === undefined)
    throw new TlsError('OPTION_INVALID', '`bundle` must be a path: the driver reads it.')
  const bundle = readBundle(source, source.file)
  const record: TlsProfileRecord = Object.freeze({
    profile: 'astra',
    verifies: Object.freeze({ chain: true, name: true }),
    names: 'fixed',
    sendsClientCertificate: true,
    maxVersion: 'TLSv1.3',
  })
  const result = { cloud: Object.freeze({ secureConnectBundle: source.file }), [tlsProfile]: record }
  return Object.freeze(Object.defineProperty(result, 'bundle', { value: bundle })) as AstraClientOptions
}

function readBundle(source: Source, file: string): AstraBundle {
  const files = unpack(source, file)
  const config = configOf(files, file)
  const inBundle = (name: string): Source => ({
    option: `${name} in ${file}`,
    bytes: memberOf(files, name, file),
  })
  const { summary } = loadMaterial(
    {
      trust: { ca: [inBundle('ca.crt')], systemRoots: false, crl: [] },
      client: { certificates: [inBundle('cert')], key: inBundle('key'), passphrase: undefined },
    },
    new Map(),
    new Date(),
  )
  const [clientCertificate] = summary.client
  if (!clientCertificate) throw new TlsError('CERTIFICATE_MISSING', undefined, { file })
  return Object.freeze({ ...config, ca: summary.ca, clientCertificate })
}

function unpack(source: Source, file: string): Map<string, Buffer> {
  const zip = bytesOf(source, readSnapshotSync([file]))
  try {
    return readZip(zip)
  } catch (cause) {
    throw new TlsError('BUNDLE_INVALID', `The bundle ${nameOf(source)} can not be unpacked.`, { file, cause })
  }
}

function memberOf(files: Map<string, Buffer>, name: string, file: string): Buffer {
  const bytes = files.get(name)
  if (bytes) return bytes
  throw new TlsError('BUNDLE_INVALID', `The bundle ${file} has no file ${name}.`, { file })
}

function configOf(files: Map<string, Buffer>, file: string) {
  const config = parseJson(memberOf(files, 'config.json', file), file)
  const { host, port, username, password } = config
  if (typeof host !== 'string' || !host || !Number.isInteger(Number(port)) || Number(port) <= 0) {
    throw new TlsError('BUNDLE_INVALID', `config.json in ${file} has no host and port.`, { file })
  }
  return { host, port: Number(port), hasCredentials: Boolean(username && password) }
}

interface BundleConfig {
  readonly host?: unknown
  readonly port?: unknown
  readonly username?: unknown
  readonly password?: unknown
}

/** The parser's own message would quote the file, which may hold a password. */
function parseJson(bytes: Buffer, file: string): BundleConfig {
  try {
    const config: unknown = JSON.parse(bytes.toString('utf8'))
    if (typeof config === 'object' && config !== null) return config
  } catch {}
  throw new TlsError('BUNDLE_INVALID', `config.json in ${file} is not a JSON object.`, { file })
}
