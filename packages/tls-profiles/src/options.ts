import type { SecureVersion } from 'node:tls'
import { types } from 'node:util'
import type { Hostname } from './lib/identity/names.js'
import type { MaterialInput, PassphraseInput } from './lib/material/source.js'
import {
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
} from './lib/options/option-spec.js'

/** One value or several. */
export type OneOrMany<T> = T | readonly T[]

/**
 * Certificates of CAs: PEM (a path, text or bytes, with any number of certificates), or a trust store in PKCS #12
 * (`pfx`) or JKS.
 */
export type CaInput =
  | MaterialInput
  | { readonly pfx: MaterialInput; readonly passphrase?: PassphraseInput | undefined }
  | { readonly jks: MaterialInput; readonly passphrase?: PassphraseInput | undefined }

/** Which CAs to trust: your own, the public ones that Node.js knows, or both. */
export type TrustOptions = {
  /** Revocation lists in PEM. OpenSSL then requires one from every CA in a chain. Default: none. */
  readonly crl?: OneOrMany<MaterialInput> | undefined
} & (
  | { readonly ca?: undefined; readonly systemRoots: true }
  | { readonly ca: OneOrMany<CaInput>; readonly systemRoots?: boolean | undefined }
)

/** Which server to expect. */
export interface IdentityOptions {
  /** The name that the server's certificate must have. Default `'address'`: the IP address of each connection. */
  readonly hostname?: Hostname | undefined
  /**
   * Accept the common name as the name of a certificate that has no DNS name. RFC 9525 §2 no longer allows this. Only
   * if `hostname` is a name, a map or a function. Default false.
   */
  readonly acceptCommonName?: boolean | undefined
  /**
   * SHA-256 digests of public keys (SPKI): `sha256/` and base64, or hexadecimal. The server's chain must have one of
   * these keys. Default: any key.
   */
  readonly pins?: readonly string[] | undefined
}

/** Resuming TLS sessions. */
export interface ResumptionOptions {
  /**
   * Whether connections resume the TLS session of an earlier one, which saves both sides a part of the handshake.
   * `true` uses the defaults. Default: off. A resumed connection is not verified again (see `maxAgeMs`).
   */
  readonly resumption?: boolean | SessionResumption | undefined
}

/** Which sessions are resumed, and for how long. */
export interface SessionResumption {
  /**
   * `'endpoint'`: the session of an earlier connection to the same address and port, for clients that were passed to
   * `resumeFor(client)`. `'name'`: the session of any earlier connection, for any client. It needs one name for all
   * servers as `hostname`, and helps if the servers share their ticket keys. Default `'endpoint'`.
   */
  readonly scope?: 'endpoint' | 'name' | undefined
  /**
   * How long after a full handshake its session, and sessions that were renewed from it, are offered, in milliseconds.
   * They are never offered after a certificate has expired. Default 3 600 000 (an hour); at most seven days (RFC 8446
   * §4.6.1).
   */
  readonly maxAgeMs?: number | undefined
}

/** Our certificate and key: PEM or DER, PKCS #12, or JKS. */
export type ClientIdentityOptions =
  | {
      /** Our certificate and its intermediates, PEM or DER, in any order. */
      readonly cert: OneOrMany<MaterialInput>
      /** Our private key, PEM or DER. It may be in the same file as `cert`. */
      readonly key: MaterialInput
      /** The passphrase of an encrypted key. It must not be empty. */
      readonly passphrase?: PassphraseInput | undefined
      readonly pfx?: undefined
      readonly jks?: undefined
      readonly alias?: undefined
      readonly keyPassphrase?: undefined
    }
  | {
      /** A store in PKCS #12. */
      readonly pfx: MaterialInput
      /** The passphrase of the store. It may be empty, because some tools write such stores. */
      readonly passphrase?: PassphraseInput | undefined
      /** Which key to use, if there are several. */
      readonly alias?: string | undefined
      readonly cert?: undefined
      readonly key?: undefined
      readonly jks?: undefined
      readonly keyPassphrase?: undefined
    }
  | {
      /** A Java KeyStore. */
      readonly jks: MaterialInput
      readonly passphrase: PassphraseInput
      /** The password of the key, if it differs from that of the store. */
      readonly keyPassphrase?: PassphraseInput | undefined
      readonly alias?: string | undefined
      readonly cert?: undefined
      readonly key?: undefined
      readonly pfx?: undefined
    }

/** How a profile watches its files. */
export interface RotationOptions {
  /** Whether to watch the files and use their new content. Default true. */
  readonly watch?: boolean | WatchOptions | undefined
  /**
   * How long before its expiry a certificate is reported as expiring, in milliseconds. Default: seven days, or a third
   * of its lifetime if that is less.
   */
  readonly expiresSoonMs?: number | undefined
}

/** How often files are checked. */
export interface WatchOptions {
  /**
   * How often files are checked in addition to the notifications of the operating system, in milliseconds. Default 60
   * 000.
   */
  readonly pollIntervalMs?: number | undefined
}

/** Versions, ciphers, and how files are watched: the same for every profile. */
export interface CommonOptions extends RotationOptions {
  /** The oldest version that is offered. Default `TLSv1.2`. Older versions also need `ciphers` with `@SECLEVEL=0`. */
  readonly minVersion?: SecureVersion | undefined
  /**
   * The newest version that is offered. Default `TLSv1.3`; with a client certificate `TLSv1.2`, unless `minVersion` is
   * `TLSv1.3`.
   */
  readonly maxVersion?: SecureVersion | undefined
  /** OpenSSL's cipher list. Default: that of Node.js. */
  readonly ciphers?: string | undefined
}

/** PEM or a store. The code that reads it decides whether a text is a path or the content itself. */
const materialOption: Option<MaterialInput, undefined> = some('a path, PEM text or bytes', isMaterial)

/** Not by `instanceof`: another realm, such as that of a test runner, has its own Uint8Array. */
function isMaterial(value: unknown): boolean {
  return types.isUint8Array(value) || (typeof value === 'string' && value.trim() !== '')
}

/**
 * A text is the passphrase itself. It may be empty for a store, because some tools write stores without one, but not
 * for a PEM key.
 */
const passphraseOption: Option<PassphraseInput, undefined> = {
  must: 'a string, { path } of a file, or a function that returns a string',
  take(value) {
    if (typeof value === 'string' || typeof value === 'function') return value as PassphraseInput
    return isObject(value) && !Array.isArray(value) ? readOptions(passphraseBag, value) : undefined
  },
  initial: undefined,
}

const passphraseBag = optionBag('passphrase', {
  path: required(some<string>('a path', (value) => typeof value === 'string' && /^[^\0]+$/.test(value))),
})

const storeBag = optionBag('ca', { pfx: materialOption, jks: materialOption, passphrase: passphraseOption })

const caInputOption: Option<CaInput, undefined> = {
  must: `${materialOption.must}, { pfx, passphrase } or { jks, passphrase }`,
  take: (value) => materialOption.take(value) ?? trustStore(value),
  initial: undefined,
}

function trustStore(value: unknown): CaInput | undefined {
  if (!isObject(value) || Array.isArray(value)) return undefined
  const { pfx, jks, passphrase } = readOptions(storeBag, value)
  if ((pfx === undefined) === (jks === undefined)) return undefined
  return pfx === undefined ? { jks: jks as MaterialInput, passphrase } : { pfx, passphrase }
}

function oneOrMany<T>(each: Option<T, T | undefined>): Option<OneOrMany<T>, undefined> {
  const must = `${each.must}, or a list of them`
  const list = listOf(each, must)
  return { must, take: (value) => (Array.isArray(value) ? list : each).take(value), initial: undefined }
}

/** The option `ca` of the profiles for managed services, which have their own roots. */
export const caOption: Option<OneOrMany<CaInput>, undefined> = oneOrMany(caInputOption)

export const trustOptions = {
  ca: caOption,
  systemRoots: initially(
    false,
    flag,
    'Most clusters have their own CA, and the public CAs would accept more servers.',
  ),
  crl: oneOrMany(materialOption),
} satisfies Spec<TrustOptions>

export const identityOptions = {
  hostname: initially(
    'address',
    some<Hostname>(
      'a name, an address, a map or a function from address to name, { uri }, { uriPrefix } or false',
      (value) =>
        value === false ||
        typeof value === 'function' ||
        (isObject(value) && !Array.isArray(value)) ||
        isText(value),
    ),
    'The driver connects to IP addresses: the certificate must contain them, or the application must say which name to expect.',
  ),
  acceptCommonName: initially(false, flag, 'A common name is free text, and RFC 9525 no longer accepts it.'),
  pins: listOf(text(), "a list with at least one pin: 'sha256/' and base64, or hexadecimal"),
} satisfies Spec<IdentityOptions>

/** The identity of a managed service, which has one name. */
export function serverNamed(hostname: string): IdentityGiven {
  return { hostname, acceptCommonName: false, pins: undefined }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

export const resumptionBag = optionBag('resumption', {
  scope: initially(
    'endpoint',
    oneOf('endpoint', 'name'),
    'Each server of a cluster has its own ticket keys and may have its own name.',
  ),
  maxAgeMs: initially(
    3_600_000,
    duration({ max: 7 * 86_400_000 }),
    'A certificate that is revoked in the meantime is not noticed.',
  ),
} satisfies Spec<SessionResumption>)

export type ResumptionGiven = Read<typeof resumptionBag.options>

export const resumptionOptions = {
  resumption: {
    must: 'true, false or an object { scope, maxAgeMs }',
    take: (value: unknown) =>
      typeof value === 'boolean' ? value && readOptions(resumptionBag) : readOptions(resumptionBag, value),
    initial: false,
    why: 'A resumed connection is not verified again, and with TLS 1.2 it has no forward secrecy of its own.',
    shown: 'off',
  } satisfies Option<false | ResumptionGiven, false | ResumptionGiven>,
} satisfies Spec<ResumptionOptions>

export const clientOptions = {
  cert: oneOrMany(materialOption),
  key: materialOption,
  passphrase: passphraseOption,
  pfx: materialOption,
  jks: materialOption,
  keyPassphrase: passphraseOption,
  alias: text(),
} satisfies Spec<ClientIdentityOptions>

/** The longest delay of a timer. */
const maxDelayMs = 2 ** 31 - 1

const watchBag = optionBag('watch', {
  pollIntervalMs: initially(
    60_000,
    duration({ max: maxDelayMs }),
    'Some file systems send no notifications, so the files are polled too.',
  ),
} satisfies Spec<WatchOptions>)

/** The meaning of `watch: true`, and how often the expiry is checked without it. */
export const watchDefaults = readOptions(watchBag)

export const rotationOptions = {
  watch: {
    must: 'true, false or an object { pollIntervalMs }',
    take: (value: unknown) =>
      typeof value === 'boolean' ? value && watchDefaults : readOptions(watchBag, value),
    initial: watchDefaults,
    why: 'Certificates are renewed while the process runs.',
    shown: 'true',
  },
  expiresSoonMs: {
    ...duration({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    why: 'It leaves time to act, and certificates that live for a day cause no permanent warning.',
    shown: 'seven days, or a third of the life if that is less',
  },
} satisfies Spec<RotationOptions>

const versionOption = oneOf('TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3')

export const commonOptions = {
  minVersion: initially(
    'TLSv1.2',
    versionOption,
    'Older versions are broken; they are offered only if you name them.',
  ),
  maxVersion: {
    ...versionOption,
    why: "With a client certificate the driver's search for a protocol version crashes the process under TLS 1.3.",
    shown: 'TLSv1.3; with a client certificate TLSv1.2',
  },
  ciphers: text("OpenSSL's list of ciphers"),
  ...rotationOptions,
} satisfies Spec<CommonOptions>

/** Names of Node.js, the Python drivers and Java for our options. */
export const otherNames: Readonly<Record<string, string>> = {
  secureProtocol: 'minVersion',
  sslVersion: 'minVersion',
  ssl_version: 'minVersion',
  caCerts: 'ca',
  ca_certs: 'ca',
  cafile: 'ca',
  truststore: 'ca',
  certfile: 'cert',
  keyfile: 'key',
  keystore: 'pfx',
  password: 'passphrase',
  checkHostname: 'hostname',
  checkServerIdentity: 'hostname',
  check_hostname: 'hostname',
  serverHostname: 'hostname',
  server_hostname: 'hostname',
  serverName: 'hostname',
  servername: 'hostname',
}

/** The groups of options as they are read, with their defaults. */
export type TrustGiven = Read<typeof trustOptions>
export type IdentityGiven = Read<typeof identityOptions>
export type ClientGiven = Read<typeof clientOptions>
export type RotationGiven = Read<typeof rotationOptions>
export type CommonGiven = Read<typeof commonOptions>
