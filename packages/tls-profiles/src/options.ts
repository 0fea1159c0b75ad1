import type { SecureVersion } from 'node:tls'
import { TlsError } from './errors.js'
import type { Hostname } from './lib/identity/names.js'
import type { VersionOptions } from './lib/material/context.js'
import type { ClientConfig, TrustConfig } from './lib/material/material.js'
import { type MaterialInput, type Source, sourceOf } from './lib/material/source.js'
import type { StoreSource } from './lib/material/store.js'
import type { RotationOptions } from './lib/rotation/rotation.js'

/** One value or several. */
export type OneOrMany<T> = T | readonly T[]

/** Certificates of CAs: PEM (a path, text or bytes, any number in one), or a trust store. */
export type CaInput =
  | MaterialInput
  | { readonly pfx: MaterialInput; readonly passphrase?: string | undefined }
  | { readonly jks: MaterialInput; readonly passphrase?: string | undefined }

/** Whom to trust: CAs of one's own, the public ones, or both. */
export type TrustOptions = {
  /** Revocation lists, PEM. OpenSSL then wants one of every CA in a chain. */
  readonly crl?: OneOrMany<MaterialInput> | undefined
} & (
  | { readonly ca: OneOrMany<CaInput>; readonly systemRoots?: boolean | undefined }
  | { readonly ca?: undefined; readonly systemRoots: true }
)

/** Which server is meant. */
export interface IdentityOptions {
  /** Default `'address'`. */
  readonly hostname?: Hostname | undefined
  /** SHA-256 of public keys (SPKI), of which one must be in the server's chain: `sha256/` and base64, or hexadecimal. */
  readonly pins?: readonly string[] | undefined
}

/** Resuming TLS sessions. */
export interface ResumptionOptions {
  /**
   * Ask for a TLS session on a connection of the profile's own, and let the driver's connections resume it, which
   * saves both sides a part of the handshake. Only with one fixed `hostname`, and of use only where its servers
   * share their ticket keys. `host` is by default that name. Default: none.
   */
  readonly resumption?: { readonly host?: string | undefined; readonly port: number } | undefined
}

/** Our certificate and key: PEM, PKCS #12 or JKS. */
export type ClientIdentityOptions =
  | {
      /** Our certificate and its intermediates, PEM, in any order. */
      readonly cert: OneOrMany<MaterialInput>
      readonly key: MaterialInput
      /** Of an encrypted key. */
      readonly passphrase?: string | undefined
      readonly pfx?: undefined
      readonly jks?: undefined
      readonly alias?: undefined
      readonly keyPassphrase?: undefined
    }
  | {
      readonly pfx: MaterialInput
      readonly passphrase?: string | undefined
      /** Which key, if there are several. */
      readonly alias?: string | undefined
      readonly cert?: undefined
      readonly key?: undefined
      readonly jks?: undefined
      readonly keyPassphrase?: undefined
    }
  | {
      readonly jks: MaterialInput
      readonly passphrase: string
      /** Where the key's password is not the store's. */
      readonly keyPassphrase?: string | undefined
      readonly alias?: string | undefined
      readonly cert?: undefined
      readonly key?: undefined
      readonly pfx?: undefined
    }

/** Versions, ciphers, and how files are followed: the same for every profile. */
export interface CommonOptions extends VersionOptions, RotationOptions {
  /** Default `TLSv1.2`. Older ones need `ciphers` with `@SECLEVEL=0` too. */
  readonly minVersion?: SecureVersion | undefined
  /** Default `TLSv1.3`, or `TLSv1.2` where a client certificate is sent. */
  readonly maxVersion?: SecureVersion | undefined
  /** OpenSSL's cipher list. Default: that of Node.js. */
  readonly ciphers?: string | undefined
}

export const commonKeys = ['minVersion', 'maxVersion', 'ciphers', 'watch', 'expiresSoonMs'] as const
export const trustKeys = ['ca', 'systemRoots', 'crl'] as const
export const identityKeys = ['hostname', 'pins'] as const
export const resumptionKeys = ['resumption'] as const
export const clientKeys = ['cert', 'key', 'passphrase', 'pfx', 'jks', 'keyPassphrase', 'alias'] as const

/** Refuses what is not an option: a misspelt one would be a check that nobody makes. */
export function checkKeys(profile: string, options: unknown, allowed: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TlsError('OPTION_INVALID', `${profile}() takes one object with options.`)
  }
  const unknown = Object.keys(options).find((key) => !allowed.includes(key))
  if (unknown === undefined) return
  const problem = `${profile}() has no option \`${unknown}\`; it has ${allowed.join(', ')}.`
  throw new TlsError('OPTION_INVALID', problem)
}

/** Parses the options about trust. */
export function trustOf({ ca, systemRoots = false, crl }: TrustOptions): TrustConfig {
  const given = manyOf(ca)
  if (given.length === 0 && systemRoots !== true) throw new TlsError('CA_REQUIRED')
  return {
    ca: given.map(caSource),
    systemRoots: systemRoots === true,
    crl: manyOf(crl).map((each) => sourceOf('crl', each)),
  }
}

function caSource(input: CaInput): Source | StoreSource {
  if (typeof input !== 'object' || input === null || input instanceof Uint8Array) return sourceOf('ca', input)
  checkKeys('ca', input, ['pfx', 'jks', 'passphrase'])
  const store = 'pfx' in input ? input.pfx : input.jks
  return { source: sourceOf('ca', store), passphrase: textOption('passphrase', input.passphrase) }
}

/** Parses the options about our own certificate. */
export function clientOf(options: ClientIdentityOptions): ClientConfig {
  const { cert, key, pfx, jks } = options
  const passphrase = textOption('passphrase', options.passphrase)
  const given = [cert ?? key, pfx, jks].filter((each) => each !== undefined)
  if (given.length !== 1) {
    const problem = 'Give our certificate once: as `cert` and `key`, as `pfx`, or as `jks`.'
    throw new TlsError('OPTION_INVALID', problem)
  }
  const store = pfx ?? jks
  if (store !== undefined) {
    return {
      store: {
        source: sourceOf(pfx === undefined ? 'jks' : 'pfx', store),
        passphrase,
        alias: textOption('alias', options.alias),
        keyPassphrase: textOption('keyPassphrase', options.keyPassphrase),
      },
    }
  }
  if (cert === undefined || key === undefined) {
    throw new TlsError('OPTION_INVALID', '`cert` and `key` go together; one file may hold both.')
  }
  return {
    certificates: manyOf(cert).map((each) => sourceOf('cert', each)),
    key: sourceOf('key', key),
    passphrase,
  }
}

function textOption(option: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  throw new TlsError('OPTION_INVALID', `\`${option}\` must be a string.`)
}

function manyOf<T>(input: OneOrMany<T> | undefined): readonly T[] {
  if (input === undefined) return []
  return Array.isArray(input) ? (input as readonly T[]) : [input as T]
}
