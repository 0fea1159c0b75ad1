import { TlsError } from '../../errors.js'
import type { CaInput, ClientGiven, OneOrMany, TrustGiven } from '../../options.js'
import { type Source, sourceOf } from './source.js'
import type { StoreSource } from './store.js'

/** Whom to trust. */
export interface TrustConfig {
  readonly ca: readonly (Source | StoreSource)[]
  /** Also the roots that Node.js knows. */
  readonly systemRoots: boolean
  readonly crl: readonly Source[]
}

/** Who we are. */
export type ClientConfig =
  | {
      readonly certificates: readonly Source[]
      readonly key: Source
      readonly passphrase: string | undefined
      readonly store?: undefined
    }
  | { readonly store: StoreSource }

/** All that a profile needs to make its context, and to make it anew. */
export interface MaterialConfig {
  /** Absent: the server's chain is not verified. */
  readonly trust?: TrustConfig | undefined
  /** Absent: no certificate is sent. */
  readonly client?: ClientConfig | undefined
}

/** What the options about trust lead to. */
export function trustConfigOf({ ca, systemRoots, crl }: TrustGiven): TrustConfig {
  if (ca === undefined && !systemRoots) {
    throw new TlsError(
      'CA_REQUIRED',
      'Nothing says whom to trust: the option `ca` is undefined or not there.',
    )
  }
  return { ca: manyOf(ca).map(caSource), systemRoots, crl: manyOf(crl).map((each) => sourceOf('crl', each)) }
}

function caSource(input: CaInput): Source | StoreSource {
  if (typeof input === 'string' || !('pfx' in input || 'jks' in input)) return sourceOf('ca', input)
  const { passphrase } = input
  return { source: sourceOf('ca', 'pfx' in input ? input.pfx : input.jks), passphrase }
}

/** What the options about our own certificate lead to. */
export function clientConfigOf(options: ClientGiven): ClientConfig {
  const { cert, key, pfx, jks, passphrase, alias, keyPassphrase } = options
  if ([cert ?? key, pfx, jks].filter((each) => each !== undefined).length !== 1) {
    const problem = 'Give our certificate once: as `cert` and `key`, as `pfx`, or as `jks`.'
    throw new TlsError('OPTION_INVALID', problem)
  }
  const store = pfx ?? jks
  if (store !== undefined) {
    const source = sourceOf(pfx === undefined ? 'jks' : 'pfx', store)
    return { store: { source, passphrase, alias, keyPassphrase } }
  }
  if (cert === undefined || key === undefined) {
    throw new TlsError('OPTION_INVALID', '`cert` and `key` go together; one file may hold both.')
  }
  const certificates = manyOf(cert).map((each) => sourceOf('cert', each))
  return { certificates, key: sourceOf('key', key), passphrase }
}

function manyOf<T>(input: OneOrMany<T> | undefined): readonly T[] {
  if (input === undefined) return []
  return Array.isArray(input) ? (input as readonly T[]) : [input as T]
}

/** The files that the material is read from. */
export function filesOf({ trust, client }: MaterialConfig): string[] {
  const ofClient = client?.store
    ? [client.store]
    : [...(client?.certificates ?? []), ...(client ? [client.key] : [])]
  const sources = [...(trust?.ca ?? []), ...(trust?.crl ?? []), ...ofClient].map(plainSource)
  return [...new Set(sources.flatMap(({ file }) => (file === undefined ? [] : [file])))]
}

function plainSource(each: Source | StoreSource): Source {
  return 'source' in each ? each.source : each
}
