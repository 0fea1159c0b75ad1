import type { AuthError } from '@x/auth-core'
import { isAuthError, isError } from '@x/auth-core/base'
import { connectionError, type HttpAnswer, retryAfterMs } from '@x/auth-core/http'
import { type OidcErrorCode, oidcError } from '../errors.js'

/** The endpoint of a request, as messages name it. */
export type Step = 'discovery' | 'token endpoint' | 'device authorization endpoint'

/**
 * The error codes of servers: RFC 6749 §5.2, RFC 8628 §3.5, RFC 8693 §2.2.2, RFC 8707 §2, RFC 9449 §5, OpenID Connect
 * Core. Other texts of an answer never get into our messages: they may repeat what we sent, and that may be a secret.
 */
const codes = {
  invalid_client: 'OIDC_CLIENT_REFUSED',
  unauthorized_client: 'OIDC_CLIENT_REFUSED',
  invalid_scope: 'OIDC_SCOPE_REFUSED',
  invalid_target: 'OIDC_AUDIENCE_REFUSED',
  invalid_resource: 'OIDC_AUDIENCE_REFUSED',
  invalid_grant: 'OIDC_GRANT_REFUSED',
  invalid_token: 'OIDC_GRANT_REFUSED',
  expired_token: 'OIDC_SIGN_IN_EXPIRED',
  access_denied: 'OIDC_REQUEST_REFUSED',
  authorization_pending: 'OIDC_REQUEST_REFUSED',
  slow_down: 'OIDC_REQUEST_REFUSED',
  invalid_request: 'OIDC_REQUEST_REFUSED',
  unsupported_grant_type: 'OIDC_REQUEST_REFUSED',
  unsupported_token_type: 'OIDC_REQUEST_REFUSED',
  invalid_dpop_proof: 'OIDC_REQUEST_REFUSED',
  use_dpop_nonce: 'OIDC_REQUEST_REFUSED',
  interaction_required: 'OIDC_REQUEST_REFUSED',
  login_required: 'OIDC_REQUEST_REFUSED',
  consent_required: 'OIDC_REQUEST_REFUSED',
  temporarily_unavailable: 'OIDC_SERVER_FAILED',
  server_error: 'OIDC_SERVER_FAILED',
} as const satisfies Readonly<Record<string, OidcErrorCode>>

/** The error for an answer that is not a success. `now` is the time from which a Retry-After with a date counts. */
export function refusalOf(step: Step, { status, header, body }: HttpAnswer, now: number): AuthError {
  const said = jsonIn(body)
  const error =
    typeof said['error'] === 'string' && Object.hasOwn(codes, said['error']) ? said['error'] : undefined
  const waitMs = retryAfterMs(header('retry-after'), now)
  const details = {
    step,
    status: String(status),
    ...(error !== undefined && { error }),
    ...vendorCode(said['error_description']),
    ...(waitMs > 0 && { retryAfterMs: String(waitMs) }),
  }
  const reason = error === undefined ? `HTTP status ${status}` : `${error}, HTTP status ${status}`
  const vendor = 'vendorCode' in details ? `, ${details.vendorCode}` : ''
  const problem = `The ${step} answered: ${reason}${vendor}.`
  return oidcError(codeOf(step, status, error), problem, { details })
}

/**
 * Whether an answer is an error with status 200. RFC 6749 §5.2 requires 400 or 401, but some servers, such as GitHub,
 * answer 200.
 */
export function isRefusal(step: Step, { body }: HttpAnswer): boolean {
  if (step === 'discovery') return false
  const { error, access_token, device_code } = jsonIn(body)
  return typeof error === 'string' && access_token === undefined && device_code === undefined
}

function codeOf(step: Step, status: number, error: string | undefined): OidcErrorCode {
  if (status === 429) return 'OIDC_RATE_LIMITED'
  if (status >= 500) return 'OIDC_SERVER_FAILED'
  if (status >= 300 && status < 400) return 'OIDC_ANSWER_INVALID'
  if (step === 'discovery') {
    return status === 404 || status === 410 ? 'OIDC_DISCOVERY_UNKNOWN' : 'OIDC_ANSWER_INVALID'
  }
  if (error !== undefined) return codes[error as keyof typeof codes]
  return status === 401 ? 'OIDC_CLIENT_REFUSED' : 'OIDC_ANSWER_INVALID'
}

/** Entra ID gives a number to each reason, and its documentation explains them. */
function vendorCode(description: unknown): { vendorCode?: string } {
  const [code] = typeof description === 'string' ? (/^AADSTS\d{4,8}(?=:)/.exec(description) ?? []) : []
  return code === undefined ? {} : { vendorCode: code }
}

/**
 * The issuer of the metadata must be identical, character by character (OpenID Connect Discovery §4.3, RFC 8414 §3.3).
 * The library compares addresses, and for some hosts it compares nothing. Metadata without an issuer is left to the
 * library. `mayQuote`: no secret was sent yet, so the server cannot repeat one. Errors: OIDC_ISSUER_MISMATCH.
 */
export function refuseOtherIssuer(issuer: string, { body }: HttpAnswer, mayQuote: boolean): void {
  const found = jsonIn(body)['issuer']
  if (typeof found !== 'string' || found === expectedOf(issuer)) return
  const shown = (mayQuote || differsInForm(found, issuer)) && isIssuer(found) ? { found } : undefined
  const other = shown ? `the issuer ${JSON.stringify(found)}` : 'another one'
  throw oidcError(
    'OIDC_ISSUER_MISMATCH',
    `The issuer in the options is ${JSON.stringify(issuer)}, and the metadata there is that of ${other}.`,
    { details: { step: 'discovery', issuer, ...shown } },
  )
}

/**
 * Whether they differ only in upper case or a slash at the end. Then the other issuer can be quoted: it contains
 * nothing that is not in the options.
 */
function differsInForm(found: string, issuer: string): boolean {
  const [one, other] = [found, issuer].map((each) => each.toLowerCase().replace(/\/$/, ''))
  return one === other
}

/** Whether a text has the form of an issuer (RFC 8414 §2), so that an error can quote it unchanged. */
function isIssuer(text: string): boolean {
  if (text.length > 500 || !/^https?:\/\/[!-~]+$/.test(text) || !URL.canParse(text)) return false
  const { username, password, search, hash } = new URL(text)
  return username === '' && password === '' && search === '' && hash === ''
}

/** The metadata of Entra ID for all tenants, also in the national clouds, has a placeholder instead of a tenant. */
const forAllTenants =
  /^(https:\/\/login\.(?:microsoftonline\.com|microsoftonline\.us|partner\.microsoftonline\.cn)\/)(?:common|organizations)(?=\/v2\.0$)/

function expectedOf(issuer: string): string {
  return issuer.replace(forAllTenants, '$1{tenantid}')
}

/**
 * The body of a success as the library gets it. The issuer was already compared here. The ID token is removed, because
 * no database uses it: if it is encrypted, belongs to another tenant, or is not valid by the clock of this machine, the
 * library would refuse the access token too.
 */
export function forLibrary(step: Step, issuer: string, { body }: HttpAnswer): string {
  const { id_token, ...said } = jsonIn(body)
  if (step === 'discovery')
    return typeof said['issuer'] === 'string' ? JSON.stringify({ ...said, issuer }) : body
  return id_token === undefined ? body : JSON.stringify(said)
}

function jsonIn(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** The error codes of the library that have a more exact code here. */
const libraryCodes: Readonly<Record<string, readonly [OidcErrorCode, string?]>> = {
  OAUTH_HTTP_REQUEST_FORBIDDEN: ['OIDC_ADDRESS_REFUSED'],
  OAUTH_REQUEST_PROTOCOL_FORBIDDEN: ['OIDC_ADDRESS_REFUSED'],
  OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED: ['OIDC_ISSUER_MISMATCH'],
  OAUTH_MISSING_SERVER_METADATA: ['OIDC_ANSWER_INVALID', 'The metadata of the server has no such endpoint.'],
  OAUTH_INVALID_SERVER_METADATA: [
    'OIDC_ANSWER_INVALID',
    'The metadata of the server has an endpoint that is not an address.',
  ],
}

/** Converts an error of the library. Its errors contain the answer with the token, so they never become a `cause`. */
export function adoptError(step: Step, error: unknown): AuthError {
  for (let each = error; isError(each); each = (each as { cause?: unknown }).cause) {
    if (isAuthError(each)) return each
    const known = libraryCodes[(each as { code?: string }).code ?? '']
    if (known) return oidcError(known[0], known[1], { details: { step } })
  }
  const { code } = error as { code?: unknown }
  const words = typeof code === 'string' && /^[A-Z_]{1,60}$/.test(code) ? ` (${code})` : ''
  return oidcError('OIDC_ANSWER_INVALID', `The answer of the ${step} is not valid${words}.`, {
    details: { step },
  })
}

/** The endpoint and the host of a request. */
export interface Place {
  readonly step: Step
  /** Undefined if an error must not name it. */
  readonly host: string | undefined
}

/** The error for a request without a connection or an answer. OIDC_UNREACHABLE. */
export function unreachable(place: Place, error: unknown): AuthError {
  return connectionError(error, `The ${named(place)}`, (problem, { details, cause }) =>
    oidcError('OIDC_UNREACHABLE', problem, { details: { ...detailsOf(place), ...details }, cause }),
  )
}

export function timedOut(place: Place, timeoutMs: number): AuthError {
  const problem = `The ${named(place)} did not answer within ${timeoutMs} ms.`
  return oidcError('OIDC_TIMEOUT', problem, { details: detailsOf(place) })
}

export function addressRefused(step: Step): AuthError {
  const problem = `The address of the ${step} is not https, or contains a user name.`
  return oidcError('OIDC_ADDRESS_REFUSED', problem, { details: { step } })
}

/** Makes the error for an answer with too many bytes. */
export function tooLong(step: Step): (problem: string) => AuthError {
  return (problem) => oidcError('OIDC_ANSWER_INVALID', `The ${step}: ${problem}`, { details: { step } })
}

function named({ step, host }: Place): string {
  return host === undefined ? step : `${step} (${host})`
}

function detailsOf({ step, host }: Place) {
  return { step, ...(host !== undefined && { host }) }
}
