import type { CertificateSummary } from '../../certificate.js'
import { TlsError } from '../../errors.js'
import { deriveSync } from './derive.js'
import { FormatError } from './format-error.js'
import { loadMaterial } from './material.js'
import { bytesOf, readSnapshotSync, type Source } from './source.js'
import { openZip, type Zip } from './zip.js'

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

/** Unpacks a secure connect bundle and checks what is in it. Throws a TlsError that names the file. */
export function readBundle(source: Source, file: string): AstraBundle {
  const files = opened(source, file)
  const config = configOf(files, file)
  const inBundle = (name: string): Source => ({
    option: `${name} in ${file}`,
    bytes: memberOf(files, name, file),
  })
  const client = { certificates: [inBundle('cert')], key: inBundle('key'), passphrase: undefined }
  const trust = { ca: [inBundle('ca.crt')], systemRoots: false, crl: [] }
  const { summary } = deriveSync(loadMaterial({ trust, client }, new Map(), new Date()))
  const [clientCertificate] = summary.client
  if (!clientCertificate) throw new TlsError('CERTIFICATE_MISSING', undefined, { file })
  return Object.freeze({ ...config, ca: summary.ca, clientCertificate })
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
    throw new TlsError('BUNDLE_INVALID', `The bundle ${file} can not be unpacked${why}.`, { file, cause })
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

/** The parser's own message would quote the file, which may hold a password. */
function parseJson(bytes: Buffer, file: string): BundleConfig {
  try {
    const config: unknown = JSON.parse(bytes.toString('utf8'))
    if (typeof config === 'object' && config !== null) return config
  } catch {}
  throw new TlsError('BUNDLE_INVALID', `config.json in ${file} is not a JSON object.`, { file })
}
