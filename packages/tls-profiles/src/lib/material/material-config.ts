import { TlsError } from '../../errors.js'
import type { CaInput, ClientGiven, OneOrMany, TrustGiven } from '../../options.js'
import { type Origin, originsOf, passphraseOf, type Source, sourceOf } from './source.js'
import type { StoreSource } from './store.js'

/** Which CAs to trust. */
export interface TrustConfig {
  readonly ca: readonly (Source | StoreSource)[]
  /** Whether to trust the roots that Node.js knows too. */
  readonly systemRoots: boolean
  readonly crl: readonly Source[]
}

/** Our certificate and key. */
export type ClientConfig =
  | {
      readonly certificates: readonly Source[]
      readonly key: Source
      readonly passphrase: Source | undefined
      readonly store?: undefined
    }
  | { readonly store: StoreSource }

/** Everything that a profile needs to make its context, and to make it again. */
export interface MaterialConfig {
  /** Undefined: the server's chain is not verified. */
  readonly trust?: TrustConfig | undefined
  /** Undefined: no certificate is sent. */
  readonly client?: ClientConfig | undefined
}

/** Reads the options about trust. Errors: CA_REQUIRED, OPTION_INVALID. */
export function trustConfigOf({ ca, systemRoots, crl }: TrustGiven): TrustConfig {
  if (ca === undefined && !systemRoots) {
    throw new TlsError(
      'CA_REQUIRED',
      'The options do not say which CA to trust: the option `ca` is undefined or missing.',
    )
  }
  return { ca: manyOf(ca).map(caSource), systemRoots, crl: manyOf(crl).map((each) => sourceOf('crl', each)) }
}

function caSource(input: CaInput): Source | StoreSource {
  if (typeof input === 'string' || !('pfx' in input || 'jks' in input)) return sourceOf('ca', input)
  const passphrase = passphraseOf('passphrase', input.passphrase)
  return { source: sourceOf('ca', 'pfx' in input ? input.pfx : input.jks), passphrase }
}

/** Reads the options about our own certificate. Errors: OPTION_INVALID. */
export function clientConfigOf(options: ClientGiven): ClientConfig {
  const { cert, key, pfx, jks, alias, keyPassphrase } = options
  if ([cert ?? key, pfx, jks].filter((each) => each !== undefined).length !== 1) {
    const problem = 'Give our certificate once: as `cert` and `key`, as `pfx`, or as `jks`.'
    throw new TlsError('OPTION_INVALID', problem)
  }
  const passphrase = passphraseOf('passphrase', options.passphrase)
  const store = pfx ?? jks
  if (store !== undefined) {
    const source = sourceOf(pfx === undefined ? 'jks' : 'pfx', store)
    return {
      store: { source, passphrase, alias, keyPassphrase: passphraseOf('keyPassphrase', keyPassphrase) },
    }
  }
  const ofStores = alias === undefined ? keyPassphrase !== undefined && 'keyPassphrase' : 'alias'
  if (ofStores)
    throw new TlsError('OPTION_INVALID', `\`${ofStores}\` is only for a key in a store: \`pfx\` or \`jks\`.`)
  if (options.passphrase === '') {
    const problem =
      '`passphrase` is empty, which only stores allow. Leave it out if the key is not encrypted.'
    throw new TlsError('OPTION_INVALID', problem)
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

/** The files and functions that the material is read from. */
export function originsIn({ trust, client }: MaterialConfig): Origin[] {
  const ofClient: readonly (Source | StoreSource | undefined)[] = client?.store
    ? [client.store]
    : [...(client?.certificates ?? []), client?.key, client?.passphrase]
  return originsOf([...(trust?.ca ?? []), ...(trust?.crl ?? []), ...ofClient].flatMap(sourcesIn))
}

function sourcesIn(each: Source | StoreSource | undefined): readonly (Source | undefined)[] {
  return each && 'source' in each ? [each.source, each.passphrase, each.keyPassphrase] : [each]
}
