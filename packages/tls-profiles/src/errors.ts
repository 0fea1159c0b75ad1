import { type InspectOptionsStylized, inspect, types } from 'node:util'
import type { CertificateSummary } from './certificate.js'
import { quotable } from './lib/quotable.js'
import { tlsFailures } from './lib/tls-failures.js'

/**
 * Who must act. `config`: change the code, the options or a file. `credentials`: renew the certificate or correct the
 * passphrase. `peer`: the server, or what answers instead of it, must change. `unsupported`: client and server have
 * nothing in common. `unverified`: the server did not prove its identity. `timeout`: nobody answered in time.
 * `internal` is never used here; it keeps the type equal to that of `@x/auth-core`.
 */
export type Fault = 'config' | 'credentials' | 'peer' | 'unsupported' | 'unverified' | 'timeout' | 'internal'

/** One row of the error table. */
export interface ErrorRow {
  readonly fault: Fault
  /** What happened, in one sentence. */
  readonly summary: string
  /** What the reader should do about it. */
  readonly remedy: string
}

/** Makes the table below. Its type has the codes but not the texts, so a better remedy does not change the API. */
export function errorRows<C extends string>(
  rows: Readonly<Record<C, ErrorRow>>,
): Readonly<Record<C, ErrorRow>> {
  return rows
}

/** The codes of `@x/tls-profiles`: first those of construction and rotation, then those of a connection. */
export const errorTable = errorRows({
  OPTION_INVALID: {
    fault: 'config',
    summary: 'An option has a value that cannot work.',
    remedy: 'Correct the options as the message says.',
  },
  CA_REQUIRED: {
    fault: 'config',
    summary: 'The options do not say which CA to trust.',
    remedy:
      'Give the certificate of your CA as `ca` (fromLegacyOptions: `caCerts`), or, if the profile has it, `systemRoots: true` for the public CAs that Node.js knows.',
  },
  CA_WITHOUT_ROOT: {
    fault: 'config',
    summary: 'The CA certificates contain no root, so no certificate chain can be verified.',
    remedy: 'Add the self-signed root certificate to `ca`, with its intermediates.',
  },
  FILE_MISSING: {
    fault: 'config',
    summary: 'A file does not exist.',
    remedy: 'Check the path and, in a container, whether the volume is mounted.',
  },
  FILE_UNREADABLE: {
    fault: 'config',
    summary: 'A file cannot be read.',
    remedy:
      'Check that the user of this process may read it, and that it is a file, not a folder, a pipe or a device.',
  },
  FILE_TOO_LARGE: {
    fault: 'config',
    summary: 'A file is larger than certificates, keys and revocation lists are.',
    remedy: 'Check that the path is correct; the limit is 16 MiB.',
  },
  CERTIFICATE_MISSING: {
    fault: 'config',
    summary: 'There is no certificate in what was given.',
    remedy: 'Give PEM with a block BEGIN CERTIFICATE, as a path, as text or as bytes.',
  },
  CERTIFICATE_INVALID: {
    fault: 'config',
    summary: 'A certificate cannot be parsed.',
    remedy: 'Export it again as PEM; the file may have been cut short.',
  },
  CERTIFICATE_EXPIRED: {
    fault: 'credentials',
    summary: 'A certificate has expired.',
    remedy: 'Renew it where it was issued, and check the clock of this machine.',
  },
  CERTIFICATE_NOT_YET_VALID: {
    fault: 'credentials',
    summary: 'A certificate is not valid yet.',
    remedy: 'Check the clock of this machine, or wait until the certificate begins to be valid.',
  },
  KEY_MISSING: {
    fault: 'config',
    summary: 'There is no private key in what was given.',
    remedy: 'Give PEM with a block BEGIN PRIVATE KEY, as a path, as text or as bytes.',
  },
  KEY_INVALID: {
    fault: 'config',
    summary: 'The private key cannot be parsed.',
    remedy: 'Export it again as PEM (PKCS #8); the file may have been cut short.',
  },
  KEY_MISMATCH: {
    fault: 'config',
    summary: 'The private key belongs to none of the given certificates.',
    remedy:
      'Give the certificate that was issued for this key. After a renewal, replace both files together.',
  },
  KEY_TOO_WEAK: {
    fault: 'config',
    summary: 'OpenSSL rejects a key or a signature because it is too weak.',
    remedy: 'Issue the certificate again with RSA of 2048 bits or more, or ECDSA P-256, signed with SHA-256.',
  },
  PASSPHRASE_MISSING: {
    fault: 'config',
    summary: 'The key or store is encrypted and no passphrase was given.',
    remedy: 'Add the option `passphrase`.',
  },
  PASSPHRASE_WRONG: {
    fault: 'credentials',
    summary: 'The passphrase does not open the key or store.',
    remedy: 'Correct `passphrase` (for a JKS entry with its own password: `keyPassphrase`).',
  },
  ENCRYPTION_UNSUPPORTED: {
    fault: 'config',
    summary: 'The key or store is encrypted by an algorithm that is not supported here.',
    remedy:
      'Encrypt it with another algorithm: openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY -out NEW for a key, openssl pkcs12 -export or keytool -importkeystore … -deststoretype PKCS12 for a store.',
  },
  STORE_INVALID: {
    fault: 'config',
    summary: 'The key store cannot be parsed as PKCS #12 or JKS.',
    remedy:
      'Give a store in PKCS #12 or JKS. openssl pkcs12 -export makes PKCS #12 from a certificate and a key in PEM.',
  },
  STORE_ENTRY_MISSING: {
    fault: 'config',
    summary: 'The key store does not have the required entry.',
    remedy: 'List the entries with keytool -list -v; if there are several keys, choose one with `alias`.',
  },
  PACKAGE_MISSING: {
    fault: 'config',
    summary: 'Reading this kind of store needs a package that is not installed.',
    remedy: 'Install the package that the message names, next to @x/tls-profiles.',
  },
  CRL_INVALID: {
    fault: 'config',
    summary: 'A certificate revocation list cannot be parsed.',
    remedy: 'Give it as PEM with a block BEGIN X509 CRL (openssl crl -inform DER -in X -out Y).',
  },
  PIN_INVALID: {
    fault: 'config',
    summary: 'A pin is not a SHA-256 digest.',
    remedy:
      "Give the digest of the public key as 'sha256/' and base64, or as 64 hexadecimal digits; spkiPin(certificate) computes it.",
  },
  CIPHERS_INVALID: {
    fault: 'config',
    summary: 'OpenSSL does not accept the cipher list.',
    remedy:
      "Use OpenSSL's names (openssl ciphers -v), separated by colons; cassandra.yaml uses Java's names.",
  },
  VERSIONS_INVALID: {
    fault: 'config',
    summary: 'The options leave no TLS version, or no cipher suite for the chosen versions.',
    remedy:
      'Use minVersion and maxVersion of TLSv1.2 or TLSv1.3, the lower one first (fromLegacyOptions: sslVersion).',
  },
  ROOTS_MISSING: {
    fault: 'config',
    summary: 'This Node.js does not have the root certificates of the service.',
    remedy: 'Download them from the documentation of the service and pass them as `ca`.',
  },
  BUNDLE_INVALID: {
    fault: 'config',
    summary: 'The file is not a secure connect bundle of Astra.',
    remedy: 'Download the bundle of the database again, and give the .zip file itself, not its content.',
  },
  ...tlsFailures,
  NAME_UNKNOWN: {
    fault: 'config',
    summary: 'The option `hostname` gives no name for this address.',
    remedy: 'Add the address to the map, or let the function return a name for it.',
  },
  PIN_MISMATCH: {
    fault: 'unverified',
    summary: "The server's chain has no pinned public key.",
    remedy:
      'If the key of the server or its CA was renewed, add the new pin; if not, this is not your server.',
  },
  CONNECTION_NOT_SEEN: {
    fault: 'unsupported',
    summary: 'This runtime, unlike Node.js, does not tell which connection it reads.',
    remedy:
      'Connect again: the next connections of this process have no connection record; explain() shows what that means. Please report this with the version of the runtime.',
  },
  SESSION_MISPLACED: {
    fault: 'unverified',
    summary:
      'A connection was resumed with the TLS session of another server, so nobody has verified this one.',
    remedy:
      'Connect again: that session is no longer used. If the error comes back, turn `resumption` off and report it with the versions of Node.js and the driver.',
  },
  SERVER_SPEAKS_TLS: {
    fault: 'config',
    summary: 'The server does not answer a client without TLS; most likely it requires TLS.',
    remedy: 'Pass a profile as `sslOptions`, for example verifyServer({ ca }).',
  },
  CONNECTION_CLOSED: {
    fault: 'peer',
    summary: 'The server closed the connection during the handshake without a reason.',
    remedy:
      'Check that this is the CQL port, and read the log of the server. A server that requires a client certificate, or rejects ours, may do this too.',
  },
  CONNECT_TIMEOUT: {
    fault: 'timeout',
    summary: 'No TLS connection could be opened in time.',
    remedy:
      'Check the address, the port and the firewalls on the way. A service without TLS that waits for more data looks the same; socketOptions.connectTimeout is the limit.',
  },
})

/** A stable name of what went wrong. Codes change only in a major version. */
export type TlsErrorCode = keyof typeof errorTable

/** Context that is safe to print. It never contains key material or a passphrase. */
export interface TlsErrorDetails {
  /** Path of the file with the problem. */
  readonly file?: string | undefined
  /** The certificate with the problem. */
  readonly certificate?: CertificateSummary | undefined
  readonly cause?: unknown
}

const brand = Symbol.for('@x/tls:error')

/** More characters than any of our texts has. A certificate may have 50 kB of names. */
const maxProblem = 4_000

/**
 * Every failure that this package reports. Match on `code`; the message may improve at any time. It has the fields of
 * `AuthError` in `@x/auth-core`, and those that a certificate needs.
 *
 * The message is one line of bounded length, and contains nothing that could steer a terminal. If the `cause` is from
 * another library, `util.inspect` shows only its class and code.
 */
export class TlsError extends Error {
  readonly code: TlsErrorCode
  readonly fault: Fault
  /** What to do about it; also the end of `message`. */
  readonly remedy: string
  /** The file with the problem, if there is one. */
  readonly file: string | undefined
  /** The certificate with the problem, if it is known. */
  readonly certificate: CertificateSummary | undefined
  declare readonly cause: unknown

  constructor(code: TlsErrorCode, problem?: string, details: TlsErrorDetails = {}) {
    const row: ErrorRow = errorTable[code]
    super(`${quotable(problem ?? row.summary, maxProblem)} ${row.remedy}`)
    this.name = 'TlsError'
    this.code = code
    this.fault = row.fault
    this.remedy = row.remedy
    this.file = details.file
    this.certificate = details.certificate
    const { cause } = details
    // Not enumerable, like the `cause` of any Error, so JSON and spread copies contain only what is safe to print. When
    // an error ends the process, Node.js prints every value without our inspection; of a getter it prints only that it
    // is one.
    const isOurs = cause === undefined || isTlsError(cause)
    const shown = isOurs ? { value: cause } : { get: () => cause }
    Object.defineProperty(this, 'cause', { ...shown, configurable: true })
  }

  [inspect.custom](_depth: number, options: InspectOptionsStylized): string {
    const { cause, stack } = this
    const fields = { ...this, ...(cause === undefined ? {} : { '[cause]': shownCause(cause) }) }
    return `${stack} ${inspect(fields, options)}`
  }
}
Object.defineProperty(TlsError.prototype, brand, { value: true })

/**
 * Shows our own errors completely. For errors of Node.js and OpenSSL it shows class and code, because their texts
 * contain names from the certificate.
 */
function shownCause(cause: unknown): unknown {
  if (isTlsError(cause)) return cause
  const { name, code } = (cause ?? {}) as { name?: unknown; code?: unknown }
  const kind = [name, code].filter((word) => typeof word === 'string').map((word) => quotable(word, 64))
  return { [inspect.custom]: () => `${kind.join(' ') || typeof cause} (see cause.message)` }
}

/** Whether `value` is a TlsError, also one made by another copy of this package. */
export function isTlsError(value: unknown): value is TlsError {
  return isError(value) && (value as { [brand]?: unknown })[brand] === true
}

/** `instanceof` alone misses errors of another realm, such as those of Node.js inside a test runner's sandbox. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value)
}
