import type { AuthError } from '@x/auth-core'
import { type AuthErrorDetails, errorFactory, errorRows } from '@x/auth-core/base'

/** The codes of `@x/auth-oidc`, beside those of `@x/auth-core`. */
export const errorTable = errorRows({
  OIDC_UNREACHABLE: {
    fault: 'peer',
    summary: 'The authorization server could not be reached.',
    remedy:
      'Check the issuer, DNS, the network, and that the certificate of the server is from a CA that is trusted here (`tls`, NODE_EXTRA_CA_CERTS). The message has the code of the error, where there is one.',
  },
  OIDC_TIMEOUT: {
    fault: 'timeout',
    summary: 'The authorization server did not answer in time.',
    remedy: 'Look whether it is slow or hangs; allow more time with `requestTimeoutMs` if it is merely slow.',
  },
  OIDC_RATE_LIMITED: {
    fault: 'peer',
    summary: 'The authorization server takes no more requests for now (429).',
    remedy:
      'Ask less often: share one source, wrapped with `cached`, between all clients of a process. `details.retryAfterMs` is what the server asks for.',
  },
  OIDC_SERVER_FAILED: {
    fault: 'peer',
    summary: 'The authorization server failed to answer the request.',
    remedy: 'Look into its log; the next login asks again.',
  },
  OIDC_ANSWER_INVALID: {
    fault: 'peer',
    summary: 'The answer is not one of an authorization server.',
    remedy: 'Check the issuer and what stands in between (proxy, load balancer, login page).',
  },
  OIDC_DISCOVERY_UNKNOWN: {
    fault: 'peer',
    summary: 'There is no metadata under the issuer.',
    remedy:
      "Check the issuer, with its path (a realm, a tenant). For a server that knows RFC 8414 alone set discovery: 'oauth2'; for one without metadata give `tokenEndpoint`.",
  },
  OIDC_ISSUER_MISMATCH: {
    fault: 'unverified',
    summary: 'The metadata is that of another issuer.',
    remedy:
      'Write the issuer exactly as the server does (host, path, slash at the end). If it is written so, somebody else may be answering in its place.',
  },
  OIDC_ADDRESS_REFUSED: {
    fault: 'unverified',
    summary: 'The server leads to an address that must not see the secret.',
    remedy:
      'The endpoints in its metadata must be https; http on this machine is used only where the issuer of the options is that itself.',
  },
  OIDC_CLIENT_REFUSED: {
    fault: 'credentials',
    summary: 'The authorization server does not accept this client.',
    remedy:
      'Check clientId and its secret, key, assertion or certificate, whether they have expired, and that the client is registered for this method of authentication and this grant.',
  },
  OIDC_SCOPE_REFUSED: {
    fault: 'config',
    summary: 'The authorization server refuses the scope.',
    remedy:
      'Ask for a scope that is registered for this client. Entra ID wants `<application id URI>/.default`.',
  },
  OIDC_AUDIENCE_REFUSED: {
    fault: 'config',
    summary: 'The authorization server refuses the audience or resource.',
    remedy: 'Name the audience that the database is registered under, and allow this client to ask for it.',
  },
  OIDC_GRANT_REFUSED: {
    fault: 'credentials',
    summary: 'The authorization server refuses what the token is asked for with.',
    remedy:
      'The subject token, refresh token or device code has expired, was revoked or used, or is from an issuer that the server does not trust.',
  },
  OIDC_REQUEST_REFUSED: {
    fault: 'config',
    summary: 'The authorization server refuses the request.',
    remedy: 'See `details.error`, what the server calls the reason (RFC 6749 §5.2), and its log.',
  },
  OIDC_TOKEN_EXPIRED: {
    fault: 'credentials',
    summary: 'The token has already expired, by the clock of this machine.',
    remedy:
      'Look whether what renews it still runs, and what life the server gives it. If it is fresh, the clock of this machine is wrong: compare it with `details.expiresAt`.',
  },
  OIDC_TOKEN_INVALID: {
    fault: 'credentials',
    summary: 'This is not a token that can be used.',
    remedy: 'Check where it comes from, and that what the message names is as it must be.',
  },
  OIDC_SIGN_IN_DENIED: {
    fault: 'credentials',
    summary: 'The person refused to sign in, or was not allowed to.',
    remedy: 'Sign in again, as somebody who may use this client.',
  },
  OIDC_SIGN_IN_EXPIRED: {
    fault: 'credentials',
    summary: 'Nobody signed in while the code was valid.',
    remedy: 'Sign in again: the next attempt shows a new code.',
  },
})

/** A code of `@x/auth-oidc`. */
export type OidcErrorCode = keyof typeof errorTable

/** Makes an error with a code of `@x/auth-oidc`. */
export const oidcError: (code: OidcErrorCode, problem?: string, details?: AuthErrorDetails) => AuthError =
  errorFactory(errorTable)
