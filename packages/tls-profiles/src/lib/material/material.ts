import tls from 'node:tls'
import { type CertificateSummary, summarize } from '../../certificate.js'
import { TlsError } from '../../errors.js'
import { chainFor } from './chain.js'
import type { Deriving } from './derive.js'
import type { ClientConfig, MaterialConfig, TrustConfig } from './material-config.js'
import { hintAt, type Loaded, readCertificates } from './pem.js'
import { pemBlocks } from './pem-blocks.js'
import { type ReadKeys, readPrivateKeys } from './private-key.js'
import { bytesOf, nameOf, type Snapshot, type Source, textOf } from './source.js'
import type { StoreSource } from './store.js'
import { bestOf, isCurrent, isSelfIssued, validityError } from './validity.js'

/** The loaded and checked material, in the form that `tls.createSecureContext` takes. */
export interface Material {
  /** `undefined` means the store of Node.js, which contexts share. */
  readonly ca: readonly string[] | undefined
  readonly crl: readonly string[]
  /** The key is PKCS #8 in PEM, decrypted. */
  readonly client: { readonly cert: string; readonly key: Buffer } | undefined
  readonly summary: MaterialSummary
}

/** Facts about the material that are safe to show. */
export interface MaterialSummary {
  readonly systemRoots: boolean
  readonly ca: readonly CertificateSummary[]
  /** Those certificates of `ca` that a chain can end at. */
  readonly anchors: readonly CertificateSummary[]
  readonly crls: number
  /** Our certificate first, then its intermediates. */
  readonly client: readonly CertificateSummary[]
}

/**
 * The limit: many times as many as systems trust. OpenSSL sorts its store for each certificate that it adds, so the
 * time grows with the square: three seconds for this number, and minutes for what fits into 16 MiB.
 */
const most = 5_000

/**
 * Reads and checks everything before any of it is used: it parses, the key belongs to the certificate, the chain
 * is in order, nothing that is needed has expired. Throws a TlsError that names the file.
 */
export function* loadMaterial(config: MaterialConfig, snapshot: Snapshot, now: Date): Deriving<Material> {
  const { trust, client } = config
  const ca = trust ? yield* loadTrust(trust, snapshot, now) : []
  const crl = bounded(
    trust?.crl.flatMap((source) => readCrls(source, snapshot)) ?? [],
    '`crl` has',
    'revocation lists',
  )
  const identity = client && (yield* loadIdentity(client, snapshot, now))
  return {
    // Without a trusted CA it is an empty list: undefined would make OpenSSL load the roots of Node.js.
    ca: trust?.systemRoots && ca.length === 0 ? undefined : caList(ca, trust?.systemRoots ?? false),
    crl,
    client: identity?.client,
    summary: {
      systemRoots: trust?.systemRoots ?? false,
      ca: summaries(ca),
      anchors: summaries(ca.filter(({ x509 }) => isSelfIssued(x509))),
      crls: crl.length,
      client: summaries(identity?.chain ?? []),
    },
  }
}

function summaries(certificates: readonly Loaded[]): readonly CertificateSummary[] {
  return certificates.map(({ x509, file }) => summarize(x509, file))
}

function caList(own: readonly Loaded[], systemRoots: boolean): string[] {
  const list = own.map(({ x509, withTrust }) => withTrust ?? x509.toString())
  return systemRoots ? [...rootsOfNode(), ...list] : list
}

/** With `getCACertificates` (Node 22.15) these include NODE_EXTRA_CA_CERTS and the choice of --use-system-ca. */
function rootsOfNode(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] }
  return getCACertificates?.('default') ?? tls.rootCertificates
}

function* loadTrust({ ca, systemRoots }: TrustConfig, snapshot: Snapshot, now: Date): Deriving<Loaded[]> {
  const all: Loaded[] = []
  for (const each of ca) {
    all.push(
      ...('source' in each ? yield* storeCertificates(each, snapshot) : readCertificates(each, snapshot)),
    )
  }
  const [first] = bounded(all, '`ca` has')
  if (!first || systemRoots) return all
  const anchor = bestOf(
    all.filter(({ x509 }) => isSelfIssued(x509)),
    now,
  )
  if (!anchor) {
    const { file, x509 } = first
    throw new TlsError('CA_WITHOUT_ROOT', undefined, { file, certificate: summarize(x509, file) })
  }
  // During a roll-over, one CA may have expired. If all have expired, the profile cannot work.
  if (!isCurrent(anchor.x509, now)) throw validityError(anchor, now)
  return all
}

function bounded<T>(all: readonly T[], whose: string, what = 'certificates'): readonly T[] {
  if (all.length <= most) return all
  throw new TlsError('FILE_TOO_LARGE', `${whose} ${all.length} ${what}; ${most} are the limit.`)
}

/** Most profiles are made of PEM, so the code that reads stores is loaded when there is one. */
function stores(): typeof import('./store.js') {
  return require('./store.js') as typeof import('./store.js')
}

function* storeCertificates(store: StoreSource, snapshot: Snapshot): Deriving<Loaded[]> {
  const file = store.source.file
  const found = yield* stores().trustedIn(store, snapshot)
  if (found.length > 0) return found.map((x509) => ({ x509, file }))
  throw new TlsError('STORE_ENTRY_MISSING', `There is no certificate in ${nameOf(store.source)}.`, { file })
}

function readCrls(source: Source, snapshot: Snapshot): string[] {
  const bytes = bytesOf(source, snapshot)
  const blocks = pemBlocks(bytes, ['X509 CRL'])
  if (blocks.length > 0) return blocks.map(({ text }) => text)
  const problem = `There is no revocation list in ${nameOf(source)}${hintAt(bytes)}.`
  throw new TlsError('CRL_INVALID', problem, { file: source.file })
}

function* loadIdentity(config: ClientConfig, snapshot: Snapshot, now: Date) {
  const { keys, source, certificates } = config.store
    ? yield* openIdentityStore(config.store, snapshot)
    : yield* readIdentityFiles(config, snapshot)
  const { key, chain } = chainFor(
    keys,
    source,
    bounded(certificates, config.store ? `${nameOf(source)} has` : '`cert` has'),
    now,
  )
  const late = chain.find(({ x509 }) => !isCurrent(x509, now))
  if (late) throw validityError(late, now)
  const cert = chain.map(({ x509 }) => x509.toString()).join('')
  // The key is decrypted here, once: OpenSSL would derive it again, on the event loop.
  return { chain, client: { cert, key: Buffer.from(key.export({ type: 'pkcs8', format: 'pem' })) } }
}

interface Identity {
  readonly keys: ReadKeys
  readonly source: Source
  readonly certificates: readonly Loaded[]
}

function* readIdentityFiles(
  { key, passphrase, certificates }: Extract<ClientConfig, { store?: undefined }>,
  snapshot: Snapshot,
): Deriving<Identity> {
  return {
    keys: yield* readPrivateKeys(bytesOf(key, snapshot), key, textOf(passphrase, snapshot)),
    source: key,
    certificates: certificates.flatMap((source) => readCertificates(source, snapshot)),
  }
}

function* openIdentityStore(store: StoreSource, snapshot: Snapshot): Deriving<Identity> {
  const { source } = store
  const { pkcs8, certificates } = yield* stores().identityIn(store, snapshot)
  return {
    keys: yield* readPrivateKeys(pkcs8, source, undefined),
    source,
    certificates: certificates.map((x509) => ({ x509, file: source.file })),
  }
}
