import {
  createSecureContext,
  DEFAULT_CIPHERS,
  getCiphers,
  type SecureContext,
  type SecureVersion,
} from 'node:tls'
import { type ErrorRow, errorTable, TlsError, type TlsErrorCode } from '../../errors.js'
import type { CommonGiven } from '../../options.js'
import { isBelow, isLevelZero } from '../versions.js'
import type { Material } from './material.js'

/** What a context offers in addition to its material. */
export interface Parameters {
  readonly minVersion: SecureVersion
  readonly maxVersion: SecureVersion
  /** OpenSSL's cipher list; undefined for the default of Node.js. */
  readonly ciphers: string | undefined
}

/**
 * Checks versions and ciphers against each other. With a client certificate the newest version is TLS 1.2, unless the
 * options say otherwise: see docs/decisions/tls-1.2-with-client-certificates.md. Errors: VERSIONS_INVALID,
 * CIPHERS_INVALID.
 */
export function parametersOf(options: CommonGiven, sendsCertificate: boolean): Parameters {
  const { minVersion, ciphers } = options
  const maxVersion =
    options.maxVersion ?? (sendsCertificate && minVersion !== 'TLSv1.3' ? 'TLSv1.2' : 'TLSv1.3')
  if (isBelow(maxVersion, minVersion)) {
    throw new TlsError('VERSIONS_INVALID', `minVersion ${minVersion} is above maxVersion ${maxVersion}.`)
  }
  const suites = ciphers === undefined ? undefined : checkCiphers(ciphers)
  // OpenSSL 3 offers TLS 1.0 and 1.1 only at security level 0. At another level it reports no error.
  if (isBelow(minVersion, 'TLSv1.2') && !isLevelZero(ciphers)) {
    throw new TlsError(
      'VERSIONS_INVALID',
      `OpenSSL offers ${minVersion} only with ciphers such as 'DEFAULT@SECLEVEL=0', which also admits weak keys.`,
    )
  }
  return { ...narrow(minVersion, maxVersion, suites), ciphers }
}

/**
 * Node.js decides about TLS 1.3 from the cipher list: without a TLS_ name there is no TLS 1.3, and with only such names
 * there is nothing older.
 */
function narrow(
  minVersion: SecureVersion,
  maxVersion: SecureVersion,
  suites: { modern: boolean; older: boolean } | undefined,
) {
  if (!suites) return { minVersion, maxVersion }
  const max = suites.modern || maxVersion !== 'TLSv1.3' ? maxVersion : 'TLSv1.2'
  const min = suites.older ? minVersion : 'TLSv1.3'
  if (isBelow(max, min)) {
    throw new TlsError('VERSIONS_INVALID', `\`ciphers\` has no suite for ${minVersion} to ${maxVersion}.`)
  }
  return { minVersion: min, maxVersion: max }
}

/** Looks up the full names, because OpenSSL skips a name that it does not know as long as another one is left. */
function checkCiphers(ciphers: string): { modern: boolean; older: boolean } {
  const names = typeof ciphers === 'string' ? ciphers.split(':').filter((name) => name !== '') : []
  if (names.length === 0) throw new TlsError('CIPHERS_INVALID', '`ciphers` is empty.')
  const known = new Set(getCiphers())
  const unknown = names.find((name) => isSuiteName(name) && !known.has(name.toLowerCase()))
  if (unknown !== undefined) {
    throw new TlsError('CIPHERS_INVALID', `OpenSSL has no cipher suite called ${JSON.stringify(unknown)}.`)
  }
  const modern = names.filter((name) => name.startsWith('TLS_')).length
  return { modern: modern > 0, older: modern < names.length }
}

/**
 * Whether it is the name of a suite, such as `ECDHE-RSA-AES128-GCM-SHA256` or `TLS_…`, and not a selector such as HIGH,
 * !aNULL or ECDHE+AESGCM.
 */
function isSuiteName(name: string): boolean {
  return name.startsWith('TLS_') || /^[A-Z0-9]+(-[A-Z0-9]+)+$/.test(name)
}

/** Makes the context that all connections share. Throws a TlsError if OpenSSL refuses. */
export function contextFrom(material: Material, parameters: Parameters): SecureContext {
  const { ca, crl, client } = material
  const { minVersion, maxVersion, ciphers } = parameters
  try {
    return createSecureContext({
      minVersion,
      maxVersion,
      ciphers: ciphers ?? DEFAULT_CIPHERS,
      ...(ca ? { ca: [...ca] } : {}),
      crl: [...crl],
      ...(client ? { cert: client.cert, key: client.key } : {}),
    })
  } catch (cause) {
    throw contextError(material, cause)
  }
}

const refusals: readonly (readonly [RegExp, TlsErrorCode])[] = [
  [/NO_CIPHER_MATCH|INVALID_COMMAND|cipher/i, 'CIPHERS_INVALID'],
  [/KEY_TOO_SMALL|MD_TOO_WEAK|TOO_WEAK|ee key too small|ca md too weak/i, 'KEY_TOO_WEAK'],
  [/CRL/i, 'CRL_INVALID'],
]

function contextError({ summary }: Material, cause: unknown): TlsError {
  const { code, message } = cause as NodeJS.ErrnoException
  const known = refusals.find(([pattern]) => pattern.test(`${code} ${message}`))?.[1]
  const certificate = known === 'KEY_TOO_WEAK' ? summary.client[0] : undefined
  const row: ErrorRow | undefined = known && errorTable[known]
  const where = certificate?.file === undefined ? '' : ` (${certificate.file})`
  return new TlsError(
    known ?? 'OPTION_INVALID',
    row ? `${row.summary.slice(0, -1)}: ${message}${where}.` : `OpenSSL refuses the options: ${message}.`,
    { file: certificate?.file, certificate, cause },
  )
}
