import { type InspectOptionsStylized, inspect } from 'node:util'
import { DriverAuthenticationError } from './driver.js'
import { isError } from './lib/is-error.js'
import { tried } from './lib/tried.js'
import { quotable } from './quotable.js'

/**
 * Who must act. `config`: change the code or the options. `credentials`: correct or refresh the secret. `peer`: the
 * server broke the protocol. `unsupported`: nothing in common with the server. `unverified`: the server did not prove
 * itself, or nobody asked us to. `timeout`: somebody did not answer in time. `internal`: a mechanism or this package is
 * wrong.
 */
export type Fault = 'config' | 'credentials' | 'peer' | 'unsupported' | 'unverified' | 'timeout' | 'internal'

/** One row of an error table. */
export interface ErrorRow {
  readonly fault: Fault
  /** What happened, one sentence. */
  readonly summary: string
  /** What the reader should do about it, one or two sentences. */
  readonly remedy: string
}

/** Code → row. Each package has one; `docs/errors.md` is rendered from all of them. */
export type ErrorTable = Readonly<Record<string, ErrorRow>>

/** Context that is safe to print. Never a credential, never a token. */
export interface AuthErrorDetails {
  /** `ip:port` of the connection, as the driver gave it. */
  readonly endpoint?: string | undefined
  /** The class name that the server sent in AUTHENTICATE. */
  readonly authenticator?: string | undefined
  /** IANA name of the mechanism. */
  readonly mechanism?: string | undefined
  /** What this code alone has, by name: the `status` of a refused token, the limit that was passed. */
  readonly details?: Readonly<Record<string, string>> | undefined
  readonly cause?: unknown
}

const brand = Symbol.for('@x/auth:error')

/** Brands of errors that are safe to print whole: ours, and those of @x/tls-profiles. */
const printable = [brand, Symbol.for('@x/tls:error')]

/** Longer than any text of ours; a certificate or a class name from the wire may have 50 kB. */
const maxProblem = 4_000

/** RFC 3986 sets no limit; a SPIFFE ID has at most 2048 bytes. */
const maxDetail = 2_048

/**
 * Every failure that this family of packages reports. Match on `code`, which changes only in a major version;
 * the message may improve at any time. It extends the driver's AuthenticationError.
 *
 * Message and fields stand on one line each, are cut to a bounded length, and hold nothing that steers a terminal.
 * Another library's error may repeat a secret. So of such a `cause`, `util.inspect` shows only the class and the code,
 * and Node shows only that there is one if an error ends the process. Read `cause` to see more.
 */
export class AuthError extends DriverAuthenticationError {
  readonly code: string
  readonly fault: Fault
  /** What to do about it; also the end of `message`. */
  readonly remedy: string
  readonly endpoint: string | undefined
  readonly authenticator: string | undefined
  readonly mechanism: string | undefined
  /** What this code alone has, by name; empty for most. */
  readonly details: Readonly<Record<string, string>>
  declare readonly cause: unknown

  constructor(code: string, row: ErrorRow, problem: string = row.summary, details: AuthErrorDetails = {}) {
    super(`${quotable(problem, maxProblem)} ${row.remedy}`)
    this.name = 'AuthError'
    this.code = code
    this.fault = row.fault
    this.remedy = row.remedy
    this.endpoint = field(details.endpoint)
    this.authenticator = field(details.authenticator)
    this.mechanism = field(details.mechanism)
    this.details = Object.freeze(quotableEntries(details.details ?? {}))
    const { cause } = details
    // Not enumerable, as Error's own: JSON and spread copies have what is safe to print, and not the cause. Of an error
    // that ends the process Node prints every value, and asks no inspection of ours; of a getter it prints that it is
    // one.
    const shown = isPrintable(cause) ? { value: cause } : { get: () => cause }
    Object.defineProperty(this, 'cause', { ...shown, configurable: true })
    // The driver's constructor takes the stack before it has a message; without this, the stack would lack the message.
    Error.captureStackTrace(this, new.target)
  }

  [inspect.custom](_depth: number, options: InspectOptionsStylized): string {
    const { cause, stack } = this
    const shown = isPrintable(cause) ? cause : summaryOf(cause)
    const fields = { ...this, ...(cause === undefined ? {} : { '[cause]': shown }) }
    return `${stack} ${inspect(fields, options)}`
  }
}
Object.defineProperty(AuthError.prototype, brand, { value: true })

function field(text: string | undefined): string | undefined {
  return text === undefined ? undefined : quotable(text)
}

function quotableEntries(details: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [name, quotable(value, maxDetail)]),
  )
}

function isPrintable(cause: unknown): boolean {
  if (cause === undefined) return true
  return isError(cause) && tried(() => printable.some((mark) => mark in cause)) === true
}

/** A stranger's error, without its text. */
function summaryOf(cause: unknown): unknown {
  // Not on import: long lists of names, needed only by a reader of the cause.
  const { kindOf } = require('./lib/error-kind.js') as typeof import('./lib/error-kind.js')
  return { [inspect.custom]: () => `${kindOf(cause)} (its text is left out because it may contain a secret)` }
}

/** Whether `value` is an AuthError, also one made by another copy of this package. */
export function isAuthError(value: unknown): value is AuthError {
  const says = () =>
    (value as { [brand]?: unknown })[brand] === true && typeof (value as AuthError).code === 'string'
  return isError(value) && tried(says) === true
}

const refusal = Symbol.for('@x/auth:refusal')

/**
 * Says that the server itself refused what we sent, by a message of the mechanism: SCRAM's `e=invalid-proof`, the JSON of
 * OAUTHBEARER. The login then has the outcome `refused`, as after the server's ERROR. Returns the same error.
 */
export function refusedByServer(error: AuthError): AuthError {
  return Object.defineProperty(error, refusal, { value: true })
}

/** Whether the error is marked by `refusedByServer`, also by that of another copy of this package. */
export function isServerRefusal(reason: unknown): boolean {
  return isAuthError(reason) && tried(() => (reason as { [refusal]?: unknown })[refusal]) === true
}

/**
 * Turns a package's table into its one way to make errors: `error('CODE', 'what happened', { endpoint })`.
 * Without a text of its own, the error says the row's summary.
 */
export function errorFactory<T extends ErrorTable>(table: T) {
  return (code: keyof T & string, problem?: string, details?: AuthErrorDetails): AuthError =>
    new AuthError(code, table[code] as ErrorRow, problem, details)
}

/** A package's table. Its type names the codes and not their texts: a remedy that is worded better is not a change of the API. */
export function errorRows<C extends string>(
  rows: Readonly<Record<C, ErrorRow>>,
): Readonly<Record<C, ErrorRow>> {
  return rows
}

/** The codes of `@x/auth-core`. */
export const errorTable = errorRows({
  OPTION_INVALID: {
    fault: 'config',
    summary: 'An option has a value that cannot work.',
    remedy: 'Correct the options as the message says.',
  },
  OPTIONS_CONTRADICT: {
    fault: 'config',
    summary: 'Two options contradict each other, and the driver would ignore one of them without a warning.',
    remedy: 'Leave out one of the options that the message names.',
  },
  PACKAGE_MISSING: {
    fault: 'config',
    summary: 'An optional package is not installed.',
    remedy: 'Install the package that the message names.',
  },
  CLEARTEXT_WITHOUT_TLS: {
    fault: 'config',
    summary: 'The password would cross the network readable, because the server is not verified by TLS.',
    remedy:
      'Add sslOptions that verify the server (verifyServer() of @x/tls-profiles, or rejectUnauthorized: true with a ca), or accept the risk with { allowCleartextWithoutVerifiedTls: true }.',
  },
  IDENTITY_NOT_CHECKED: {
    fault: 'config',
    summary:
      'The function sslOptions.checkServerIdentity accepts a certificate for another name, so anyone with a certificate of the CA can impersonate the server.',
    remedy:
      'Leave the function out, and Node.js checks the name or address; or return an Error if the certificate does not fit. To accept any name, use verifyServer({ ca, hostname: false }) of @x/tls-profiles.',
  },
  CIPHER_UNSAFE: {
    fault: 'config',
    summary:
      'The list of cipher suites allows a suite without encryption, a suite without authentication, or certificates that anyone can forge.',
    remedy:
      "Leave sslOptions.ciphers out, or remove '@SECLEVEL=0' from it and add ':!aNULL:!eNULL'. Correct --tls-cipher-list in the same way if Node.js was started with it. If a server needs that level, use verifyServer({ ca, ciphers }) of @x/tls-profiles: it accepts the level, and its explain() shows it.",
  },
  AUTHENTICATOR_NOT_ALLOWED: {
    fault: 'config',
    summary: 'The server asks for an authenticator that this provider may not answer.',
    remedy:
      'If the server is yours, add its class name to the option `authenticators`; if not, the address may be wrong.',
  },
  AUTHENTICATOR_MISMATCH: {
    fault: 'unsupported',
    summary: 'The authenticator of the server does not accept what this provider sends.',
    remedy:
      'Use the provider that the message names; if the server is yours and does accept it, add its class name to the option `authenticators`.',
  },
  DOWNGRADE_REFUSED: {
    fault: 'unverified',
    summary:
      'An answer from outside this machine would switch the login from a mechanism that protects the secret to one that sends it readable.',
    remedy:
      'Check the address and any proxy on the way. If the servers are yours and TLS verifies them, for example during a migration, allow the downgrade: { allowDowngradeToCleartext: true }.',
  },
  NO_PROVIDER: {
    fault: 'config',
    summary: 'The server asks for a login and the client has no authProvider.',
    remedy:
      'Pass an authProvider in the options of the Client: PlainTextAuthProvider of @x/auth-plaintext for a user name and a password. The table of providers and authenticators is in https://github.com/x/auth/blob/main/docs/authenticators.md.',
  },
  NO_ROUTE: {
    fault: 'unsupported',
    summary: 'No route matches the authenticator that the server asks for.',
    remedy: 'Add a route for the class name that the message names, or an `otherwise` provider.',
  },
  BELOW_FLOOR: {
    fault: 'config',
    summary: 'A provider protects the secret less than the option neverBelow requires.',
    remedy:
      'Use another provider for the way that the message names, or a lower floor: neverBelow is mutual, guarded or cleartext.',
  },
  OLD_WAY_CLOSED: {
    fault: 'unsupported',
    summary: 'The server asks for the old way of a migration, which has been closed.',
    remedy:
      'If the node is yours and was set back to the old way, call reopenOldWay(); if not, check the address and any proxy on the way.',
  },
  PROTOCOL_V1_UNSUPPORTED: {
    fault: 'unsupported',
    summary: 'Protocol version 1 has no SASL: it can carry a user name and a password and nothing else.',
    remedy:
      'Use PlainTextAuthProvider without authorizationId, or a server with protocol version 2 or later.',
  },
  NO_MECHANISM_AVAILABLE: {
    fault: 'credentials',
    summary: 'None of the listed mechanisms can be used here.',
    remedy: 'Set up one of them: the message gives the reason for each.',
  },
  CREDENTIALS_NOT_CONFIGURED: {
    fault: 'credentials',
    summary: 'No credentials are configured where they were looked for.',
    remedy: 'Set the values that the message names.',
  },
  CREDENTIALS_INVALID: {
    fault: 'credentials',
    summary: 'The credentials do not have the form that the mechanism needs.',
    remedy: 'Correct the field that the message names at the source of the credentials.',
  },
  CREDENTIALS_EXPIRED: {
    fault: 'credentials',
    summary: 'The credentials have expired, so they were not sent.',
    remedy: 'Renew the credentials at their source, and check the clock of this machine.',
  },
  SOURCE_FAILED: {
    fault: 'credentials',
    summary: 'The credential source failed.',
    remedy:
      'Correct the problem that the message names. If the source threw its own error, it is in `cause`.',
  },
  SOURCE_TIMEOUT: {
    fault: 'timeout',
    summary: 'The credential source did not answer in time.',
    remedy:
      'Check the service behind the source. If it is only slow, raise `deadlineMs` of the provider and `fetchTimeoutMs` of `cached`.',
  },
  MECHANISM_TIMEOUT: {
    fault: 'timeout',
    summary: 'The mechanism did not produce its message in time.',
    remedy: 'Raise `deadlineMs`. A mechanism must settle when `context.signal` is aborted.',
  },
  SERVER_TIMEOUT: {
    fault: 'timeout',
    summary: 'The server did not finish the login in time.',
    remedy:
      'Check the log and the load of the server. If it is only slow, raise `deadlineMs`. If the driver has already reported a refusal for this connection, the server did answer: the driver does not pass a refusal to the provider.',
  },
  LOGIN_REFUSED: {
    fault: 'credentials',
    summary: 'The server refused the login.',
    remedy:
      'Check the user name and the password (or token), and check that the role exists with LOGIN = true. With an authorizationId, check also that the user may log in as that role (DSE: GRANT PROXY.LOGIN ON ROLE).',
  },
  AUTHENTICATION_UNAVAILABLE: {
    fault: 'peer',
    summary: 'The server could not look up the role: too few of its nodes answered.',
    remedy:
      "The password is not the cause. Check that the nodes are up (nodetool status), and check the replication of the keyspace system_auth: it needs a replica in each data center that clients log in to. The role 'cassandra' needs a quorum of them.",
  },
  CERTIFICATE_IDENTITY_REFUSED: {
    fault: 'credentials',
    summary: 'The server has no role for the identity in the client certificate.',
    remedy:
      "As a superuser: ADD IDENTITY '…' TO ROLE '…', with the identity that the message names; or give sslOptions the right client certificate.",
  },
  CERTIFICATE_WITHOUT_IDENTITY: {
    fault: 'credentials',
    summary: 'The server finds no identity in the client certificate.',
    remedy:
      "Issue the certificate with a SPIFFE ID (URI:spiffe://… in its subject alternative names), or with the identity that the server's validator_class_name reads.",
  },
  CLIENT_CERTIFICATE_REQUIRED: {
    fault: 'config',
    summary: 'The server logs clients in by their certificate, and it received none.',
    remedy: 'Give sslOptions a client certificate: mutual({ ca, cert, key }) of @x/tls-profiles.',
  },
  CLIENT_CERTIFICATE_REFUSED: {
    fault: 'credentials',
    summary: 'The server refused the client certificate.',
    remedy:
      'Issue another certificate that fits validator_class_name and max_certificate_validity_period in the cassandra.yaml of the server.',
  },
  SERVER_NOT_VERIFIED: {
    fault: 'unverified',
    summary: 'The server did not prove that it knows the secret.',
    remedy:
      'Do not trust this server: check the address, and check that the password of the role on the server is the one that you used.',
  },
  UNEXPECTED_SUCCESS: {
    fault: 'peer',
    summary: 'The server reported success before the exchange was complete.',
    remedy:
      'Do not trust this server: check the address, and check that the server is configured for this mechanism.',
  },
  UNEXPECTED_CHALLENGE: {
    fault: 'peer',
    summary: 'The server sent a challenge where the mechanism has no further step.',
    remedy: 'Check that the server is configured for this mechanism.',
  },
  TOO_MANY_CHALLENGES: {
    fault: 'peer',
    summary: 'The server does not stop sending challenges.',
    remedy: 'Check that the server is configured for this mechanism.',
  },
  CHALLENGE_INVALID: {
    fault: 'peer',
    summary: "The server's message does not have the form that the mechanism requires.",
    remedy: 'Check that the server is configured for this mechanism.',
  },
  SERVER_ERROR: {
    fault: 'peer',
    summary: 'The server answered the login with an error.',
    remedy: 'See the message of the server and its log.',
  },
  CONNECTION_LOST: {
    fault: 'peer',
    summary: 'The connection was closed or refused before the login was complete.',
    remedy:
      'Check the address and the port of the CQL server, check whether it requires TLS, and read its log.',
  },
  HOST_UNRESOLVED: {
    fault: 'config',
    summary: 'No contact point could be resolved to an address.',
    remedy:
      'Check the names in contactPoints and the DNS of this machine. The name of an Amazon Keyspaces endpoint contains the region: check `region` too.',
  },
  DATA_CENTER_UNKNOWN: {
    fault: 'config',
    summary: 'The option localDataCenter of the Client is missing, or no host is in that data center.',
    remedy: 'Set localDataCenter to the name that nodetool status shows, in its exact case.',
  },
  CONNECT_TIMEOUT: {
    fault: 'timeout',
    summary: 'No connection could be opened in time.',
    remedy:
      'Check the address, the port and the firewalls on the way; socketOptions.connectTimeout is the limit.',
  },
  READ_TIMEOUT: {
    fault: 'timeout',
    summary: 'The server did not answer a request of the driver in time.',
    remedy:
      'Check that the port is the CQL port of the server, and whether it wants TLS: a server with TLS does not answer a client without sslOptions. Then check its log and its load; socketOptions.readTimeout is the limit.',
  },
  NOT_AUTHENTICATED: {
    fault: 'unverified',
    summary: 'The client is connected to a server that never asked for a login.',
    remedy: 'Check the authenticator in the configuration of the servers that the message names.',
  },
  CANNOT_TELL: {
    fault: 'unsupported',
    summary: 'This process cannot tell whether the servers know the client.',
    remedy: 'Check the authentication on the servers.',
  },
  MECHANISM_FAILED: {
    fault: 'internal',
    summary: 'The mechanism failed with an error of its own.',
    remedy: 'See `cause`; if the mechanism is ours, please report it.',
  },
})

export type AuthErrorCode = keyof typeof errorTable

/** Makes an error with a code of `@x/auth-core`; also for your own mechanisms and sources. */
export const authError: (code: AuthErrorCode, problem?: string, details?: AuthErrorDetails) => AuthError =
  errorFactory(errorTable)
