import type { CertificateSummary } from '../../certificate.js'
import { TlsError } from '../../errors.js'
import { loadMaterial } from './material.js'
import { bytesOf, nameOf, readSnapshotSync, type Source } from './source.js'
import { readZip } from './zip.js'

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
