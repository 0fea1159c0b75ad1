import type { CertificateSummary } from '../../certificate.js'
import { TlsError } from '../../errors.js'
import type { TlsProfile } from '../../profile.js'
import { deriveSync } from './derive.js'
import { FormatError } from './format-error.js'
import { loadMaterial } from './material.js'
import { bytesOf, readSnapshotSync, type Source } from './source.js'
import { openZip, type Zip } from './zip.js'

/** The content of a secure connect bundle. */
export interface AstraBundle {
  /** The metadata service that the driver asks first. */
  readonly host: string
  readonly port: number
  readonly ca: readonly CertificateSummary[]
  readonly clientCertificate: CertificateSummary
  /** Whether the bundle has a user name and password for the driver. */
  readonly hasCredentials: boolean
  /**
   * Makes a profile with the CA, the certificate and the key of the bundle, for a tool that connects itself in the way
   * of the driver: to the metadata service with its `host` as `hostname`, then to the proxy with the proxy's name. Not
   * enumerable. Throws a TlsError: OPTION_INVALID.
   */
  profile(hostname: string): TlsProfile
}

/** The three files of a bundle that a connection needs. */
interface Material {
  readonly ca: Buffer
  readonly cert: Buffer
  readonly key: Buffer
}

/** Makes a profile from the material and the name to expect. */
export type MakeProfile = (material: Material, hostname: string) => TlsProfile

/** Unpacks a secure connect bundle and checks what is in it. Throws a TlsError that names the file. */
export function readBundle(source: Source, file: string, makeProfile: MakeProfile): AstraBundle {
  const files = opened(source, file)
  const config = configOf(files, file)
  const material: Material = {
    ca: memberOf(files, 'ca.crt', file),
    cert: memberOf(files, 'cert', file),
    key: memberOf(files, 'key', file),
  }
  const inBundle = (name: string, bytes: Buffer): Source => ({ option: `${name} in ${file}`, bytes })
  const client = {
    certificates: [inBundle('cert', material.cert)],
    key: inBundle('key', material.key),
    passphrase: undefined,
  }
  const trust = { ca: [inBundle('ca.crt', material.ca)], systemRoots: false, crl: [] }
  const { summary } = deriveSync(loadMaterial({ trust, client }, new Map(), new Date()))
  const clientCertificate = summary.client[0] as CertificateSummary // a key always has its certificate
  const found = { ...config, ca: summary.ca, clientCertificate }
  const value = (hostname: string) => makeProfile(material, hostname)
  return Object.freeze(Object.defineProperty(found, 'profile', { value })) as AstraBundle
}

function opened(source: Source, file: string): Zip {
  const zip = bytesOf(source, readSnapshotSync([file]))
  return attempt(file, () => openZip(zip))
}

function memberOf(files: Zip, name: string, file: string): Buffer {
  const bytes = attempt(file, () => files.read(name))
  if (bytes) return bytes
  throw new TlsError('BUNDLE_INVALID', `The bundle ${file} has no file ${name}.`, { file })
}

function attempt<T>(file: string, action: () => T): T {
  try {
    return action()
  } catch (cause) {
    const why = cause instanceof FormatError ? `: ${cause.message}` : ''
    throw new TlsError('BUNDLE_INVALID', `The bundle ${file} cannot be unpacked${why}.`, { file, cause })
  }
}

function configOf(files: Zip, file: string) {
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

/** The parser's own message would quote the file, which may contain a password. */
function parseJson(bytes: Buffer, file: string): BundleConfig {
  try {
    const config: unknown = JSON.parse(bytes.toString('utf8'))
    if (typeof config === 'object' && config !== null) return config
  } catch {}
  throw new TlsError('BUNDLE_INVALID', `config.json in ${file} is not a JSON object.`, { file })
}
