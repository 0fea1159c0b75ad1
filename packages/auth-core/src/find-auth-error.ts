import {
  type AuthError,
  type AuthErrorCode,
  type AuthErrorDetails,
  authError,
  isAuthError,
} from './errors.js'
import { isError } from './lib/is-error.js'
import { quotable } from './quotable.js'

/** An error as the driver makes them; told by name, so that any copy or version of the driver is understood. */
interface DriverError extends Error {
  readonly code?: unknown
  readonly additionalInfo?: { readonly code?: unknown } | undefined
  readonly isSocketError?: unknown
  readonly innerError?: unknown
  readonly innerErrors?: Readonly<Record<string, unknown>> | undefined
  readonly errors?: readonly unknown[] | undefined
}

interface Candidate {
  readonly error: DriverError
  /** Known below `innerErrors`, whose keys are the hosts tried. */
  readonly endpoint: string | undefined
}

/** Deeper than the driver nests its errors; a circle of causes ends here. */
const maxErrors = 1_000

/** CQL native protocol v4 §9: the error codes that a login can end with. */
const badCredentials = 0x0100

const socketCodes = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
])

/** What the server says of a certificate, where Cassandra's own authenticators are known to say it. */
const certificateRefusals: readonly (readonly [RegExp, AuthErrorCode])[] = [
  [/^Certificate identity '(?<identity>.*)' not authorized$/s, 'CERTIFICATE_IDENTITY_REFUSED'],
  [/^Unable to extract (Spiffe|client identity) from (the )?certificate/, 'CERTIFICATE_WITHOUT_IDENTITY'],
  [/^No certificate present on connection$/, 'CLIENT_CERTIFICATE_REQUIRED'],
  [
    /^(Invalid or not supported certificate$|The validity period of the provided certificate )/,
    'CLIENT_CERTIFICATE_REFUSED',
  ],
]

const refusals: ReadonlySet<string> = new Set([
  'LOGIN_REFUSED',
  ...certificateRefusals.map(([, code]) => code),
])

/** What PasswordAuthenticator answers to an empty message. */
const emptyPassword = /^Password must not be null$/

/**
 * Finds the reason for a failed login in what the driver threw: an AuthError of a provider, or else the driver's own
 * report (refused, closed, timed out, no provider) as an AuthError with code and remedy. Looks into `innerErrors`,
 * `innerError`, `errors` and `cause`. Undefined where the error has nothing to do with a login.
 * The most telling error wins: a provider's own, then a refusal by the server, then the first that is understood.
 */
export function findAuthError(error: unknown): AuthError | undefined {
  const candidates = collect(error)
  const ours = candidates.find((candidate) => isAuthError(candidate.error))
  if (ours) return ours.error as unknown as AuthError

  const explained = candidates.map(explain).filter((found) => found !== undefined)
  return explained.find(({ code }) => refusals.has(code)) ?? explained[0]
}

/** All errors within an error, from the outside in. */
function collect(root: unknown): Candidate[] {
  const found: Candidate[] = []
  const queue: { value: unknown; endpoint?: string | undefined }[] = [{ value: root }]
  const seen = new Set<unknown>()
  for (const { value, endpoint } of queue) {
    if (!isError(value) || seen.has(value) || seen.size >= maxErrors) continue
    seen.add(value)
    const error = value as DriverError
    found.push({ error, endpoint })
    for (const [host, inner] of Object.entries(error.innerErrors ?? {}))
      queue.push({ value: inner, endpoint: host })
    for (const inner of [error.cause, error.innerError, ...(error.errors ?? [])])
      queue.push({ value: inner, endpoint })
  }
  return found
}

function explain({ error, endpoint }: Candidate): AuthError | undefined {
  const code = codeOf(error)
  if (!code) return undefined
  const { identity } = certificateRefusal(error) ?? {}
  const details: AuthErrorDetails = {
    endpoint,
    cause: error,
    ...(identity !== undefined && { details: { identity: quotable(identity) } }),
  }
  return authError(code, problemOf(code, error), details)
}

function codeOf(error: DriverError): AuthErrorCode | undefined {
  switch (error.name) {
    case 'AuthenticationError':
      return authenticationCode(error)
    case 'ResponseError':
      // Cassandra 6 refuses a certificate's identity in its answer to STARTUP, before any login.
      return error.code === badCredentials ? refusalCode(error) : 'SERVER_ERROR'
    case 'OperationTimedOutError':
      return 'READ_TIMEOUT'
    case 'DriverInternalError':
      return 'SERVER_ERROR'
    case 'DriverError':
      return driverCode(error)
    default:
      return systemCode(error)
  }
}

function authenticationCode(error: DriverError): AuthErrorCode {
  if (error.additionalInfo?.code === badCredentials) return refusalCode(error)
  if (/protocol v1/.test(error.message)) return 'PROTOCOL_V1_UNSUPPORTED'
  if (/provider not set|no authenticator found/.test(error.message)) return 'NO_PROVIDER'
  return 'LOGIN_REFUSED'
}

function refusalCode(error: DriverError): AuthErrorCode {
  return certificateRefusal(error)?.code ?? 'LOGIN_REFUSED'
}

function certificateRefusal({ message }: DriverError) {
  for (const [pattern, code] of certificateRefusals) {
    const match = pattern.exec(message)
    if (match) return { code, identity: match.groups?.['identity'] }
  }
  return undefined
}

function driverCode(error: DriverError): AuthErrorCode | undefined {
  if (error.isSocketError) return 'CONNECTION_LOST'
  return error.message === 'Connection timeout' ? 'CONNECT_TIMEOUT' : undefined
}

function systemCode(error: DriverError): AuthErrorCode | undefined {
  const { code } = error
  if (typeof code !== 'string') return undefined
  if (code === 'ETIMEDOUT') return 'CONNECT_TIMEOUT'
  if (socketCodes.has(code)) return 'CONNECTION_LOST'
  // Node's own (ERR_TLS_…), OpenSSL's (ERR_SSL_…, EPROTO) and those of the verification of a chain.
  return /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH)/.test(code)
    ? 'TLS_FAILED'
    : undefined
}

function problemOf(code: AuthErrorCode, error: DriverError): string | undefined {
  if (code === 'NO_PROVIDER' || code === 'PROTOCOL_V1_UNSUPPORTED') return undefined
  const lead = refusals.has(code) || code === 'SERVER_ERROR' ? 'The server' : 'The driver'
  const report = `${lead} reports: ${sentence(quotable(error.message, 1_000))}`
  if (code !== 'LOGIN_REFUSED' || !emptyPassword.test(error.message)) return report
  return `${report} It wants a password here, perhaps because it saw no client certificate.`
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
