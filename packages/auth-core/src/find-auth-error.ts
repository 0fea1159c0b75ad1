import {
  AuthError,
  type AuthErrorCode,
  type AuthErrorDetails,
  type ErrorRow,
  errorTable,
  isAuthError,
} from './errors.js'
import { isError } from './lib/is-error.js'
import { problemOf } from './lib/login/adopt-error.js'
import { explainedRefusal } from './lib/login/refusals.js'
import { type TlsFailureCode, tlsFailureCode, tlsFailures, whoKnowsMore } from './lib/tls-failures.js'
import { tried } from './lib/tried.js'
import { quotable } from './quotable.js'
import { type KnownReport, knownReport, refusalCodes, serverReport } from './server-report.js'

interface Candidate {
  readonly error: Error
  /** Known below `innerErrors`, whose keys are the hosts tried. */
  readonly endpoint: string | undefined
}

/** What is known about an error. Whose words it has decides what may be repeated. */
interface Finding {
  readonly code: AuthErrorCode | TlsFailureCode
  /** Where it is not that of this package's table. */
  readonly row?: ErrorRow | undefined
  /** What was said, and by whom; the row's summary if that is enough. */
  readonly problem?: string | undefined
  readonly details?: AuthErrorDetails['details']
}

/** More than the driver nests; a circle of causes ends here. */
const maxErrors = 1_000

const tlsBrand = Symbol.for('@x/tls:error')

/** CQL native protocol v4 §9: the error codes that a login can end with. */
const badCredentials = 0x0100

/** CQL native protocol v4 §9: the errors that a server may answer STARTUP or a login with; all others are of statements. */
const serverErrors: ReadonlyMap<unknown, string> = new Map([
  [0x0000, 'server error'],
  [0x000a, 'protocol error'],
  [0x1001, 'overloaded'],
  [0x1002, 'is bootstrapping'],
])

const socketCodes = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

const lookupCodes = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ENODATA'])

/**
 * Finds the reason why a client could not connect or log in, in what the driver threw: an AuthError of a provider, an
 * error of a TLS profile, or else the driver's own report (refused, closed, timed out, no such host, no provider), as
 * an AuthError with code and remedy. A failure of TLS has a code of @x/tls-profiles, with or without a profile. A
 * refusal has the code of the mechanism that logged in there last, if the mechanism has one for it. Looks into
 * `innerErrors`, `innerError`, `errors` and `cause`. Undefined if the error is about neither. The most telling error
 * wins: a provider's or a profile's own, then a refusal by the server, then the first that is understood. Known words
 * of a server are repeated; `cause` has all others. Never throws, whatever the error is.
 */
export function findAuthError(error: unknown): AuthError | undefined {
  const candidates = collect(error)
  for (const candidate of candidates) {
    if (isAuthError(candidate.error)) return candidate.error
    const ofTls = tried(() => adoptTlsError(candidate))
    if (ofTls) return ofTls
  }
  const explained = candidates
    .map((candidate) => tried(() => explain(candidate)))
    .filter((found) => found !== undefined)
  const reason = explained.find(({ code }) => refusalCodes.has(code)) ?? explained[0]
  return reason?.code === 'LOGIN_REFUSED' ? explainedRefusal(reason) : reason
}

/** All errors within an error, from the outside in. */
function collect(root: unknown): Candidate[] {
  const found: Candidate[] = []
  const queue: { value: unknown; endpoint?: string | undefined }[] = [{ value: root }]
  const seen = new Set<unknown>()
  for (const { value, endpoint } of queue) {
    if (!isError(value) || seen.has(value) || seen.size >= maxErrors) continue
    seen.add(value)
    found.push({ error: value, endpoint })
    for (const [host, inner] of entriesOf(read(value, 'innerErrors')))
      queue.push({ value: inner, endpoint: host })
    const several = read(value, 'errors')
    const listed = tried(() => Array.isArray(several)) ? entriesOf(several).map(([, inner]) => inner) : []
    for (const inner of [read(value, 'cause'), read(value, 'innerError'), ...listed])
      queue.push({ value: inner, endpoint })
  }
  return found
}

/** A property of a stranger's error, which may be a getter that throws. */
function read(error: unknown, name: string): unknown {
  return tried(() => (error as Readonly<Record<string, unknown>>)[name])
}

function entriesOf(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return []
  const keys = tried(() => Object.keys(value)) ?? []
  return keys.slice(0, maxErrors).map((key) => [key, read(value, key)])
}

/** By its fields: the package that made it is not known here. */
function adoptTlsError(candidate: Candidate): AuthError | undefined {
  const { error, endpoint } = candidate
  if (!Reflect.has(error, tlsBrand)) return undefined
  const { code, fault, remedy } = error as unknown as AuthError
  const row = { fault, summary: '', remedy }
  return new AuthError(code, row, problemOf(error as AuthError), { endpoint, cause: error })
}

function explain({ error, endpoint }: Candidate): AuthError | undefined {
  const found = findingOf(error)
  if (!found) return undefined
  const { code, row = errorTable[code as AuthErrorCode], problem, details } = found
  return new AuthError(code, row, problem, { endpoint, cause: error, details })
}

/** Errors as the driver makes them; told by name, so that any copy or version of the driver is understood. */
function findingOf(error: Error): Finding | undefined {
  const code = read(error, 'code')
  const message = read(error, 'message')
  switch (read(error, 'name')) {
    case 'AuthenticationError':
      return authenticationFinding(message, read(error, 'additionalInfo'))
    case 'ResponseError':
      // Cassandra 6 refuses a certificate's identity in its answer to STARTUP, before any login.
      if (code === badCredentials) return refusal(message)
      return serverErrors.has(code) ? serverError(code as number, message) : undefined
    case 'DriverInternalError':
      // It quotes what the server sent.
      return { code: 'SERVER_ERROR', problem: 'The driver does not understand what the server sent.' }
    case 'OperationTimedOutError':
      return driverReport('READ_TIMEOUT', message)
    case 'NoHostAvailableError':
      return message === 'No host could be resolved' ? { code: 'HOST_UNRESOLVED' } : undefined
    case 'ArgumentError':
      return /^'?localDataCenter'? (was configured|is not defined)/.test(String(message))
        ? driverReport('DATA_CENTER_UNKNOWN', message)
        : undefined
    case 'DriverError':
      if (read(error, 'isSocketError')) return driverReport('CONNECTION_LOST', message)
      return message === 'Connection timeout' ? driverReport('CONNECT_TIMEOUT', message) : undefined
    default:
      return systemFinding(code, message)
  }
}

/** Two texts are the driver's own; any other is the server's, also if a version of the driver lost its code. */
function authenticationFinding(message: unknown, response: unknown): Finding {
  if (response === undefined && typeof message === 'string') {
    if (/protocol v1/.test(message)) return { code: 'PROTOCOL_V1_UNSUPPORTED' }
    if (/provider not set|no authenticator found/.test(message)) return { code: 'NO_PROVIDER' }
  }
  return refusal(message)
}

function refusal(message: unknown): Finding {
  const known = knownReport(message)
  return { ...reportOf(known, message), code: known?.code ?? 'LOGIN_REFUSED' }
}

function serverError(code: number, message: unknown): Finding {
  const known = knownReport(message)
  const { problem, details } = reportOf(known, message)
  if (known?.code === 'AUTHENTICATION_UNAVAILABLE') return { code: known.code, problem, details }
  const error = `0x${code.toString(16).padStart(4, '0')}`
  return {
    code: 'SERVER_ERROR',
    problem: `The server answers with the error ${error} (${serverErrors.get(code)}). ${problem}`,
    details: { ...details, error },
  }
}

function reportOf(known: KnownReport | undefined, message: unknown): Omit<Finding, 'code'> {
  return { problem: serverReport(message), details: known?.details }
}

/** Words of the driver, of Node or of OpenSSL. They may have names of a certificate, and never a secret of ours. */
function driverReport(code: AuthErrorCode, message: unknown): Finding {
  return { code, problem: reported(message) }
}

function reported(message: unknown): string {
  const text = quotable(message, 1_000)
  return `The driver reports: ${/[.!?]$/.test(text) ? text : `${text}.`}`
}

function systemFinding(code: unknown, message: unknown): Finding | undefined {
  if (typeof code !== 'string') return undefined
  if (code === 'ETIMEDOUT') return driverReport('CONNECT_TIMEOUT', message)
  if (socketCodes.has(code)) return driverReport('CONNECTION_LOST', message)
  if (lookupCodes.has(code)) return driverReport('HOST_UNRESOLVED', message)
  return tlsFinding(code, message)
}

/** `details.code` is the reason as Node.js names it. */
function tlsFinding(code: string, message: unknown): Finding | undefined {
  const found = tlsFailureCode(code, typeof message === 'string' ? message : '')
  if (found === undefined) return undefined
  const row = tlsFailures[found]
  const problem = [row.summary, reported(message), whoKnowsMore(found)].filter((part) => part !== undefined)
  return { code: found, row, problem: problem.join(' '), details: { code } }
}
