import type { AuthError } from '@x/auth-core'
import { type AuthErrorDetails, errorFactory, errorRows } from '@x/auth-core/base'

/** The codes of `@x/auth-oidc`, in addition to those of `@x/auth-core`. */
export const errorTable = errorRows({
  OIDC_UNREACHABLE: {
    fault: 'peer',
    summary: 'The authorization server could not be reached.',
    remedy:
      'Check the issuer, DNS, the network, and that the certificate of the server is from a CA that is trusted here (`tls`, NODE_EXTRA_CA_CERTS). If the error has a code, the message names it.',
  },
  OIDC_TIMEOUT: {
    fault: 'timeout',
    summary: 'The authorization server did not answer in time.',
    remedy: 'Check whether it hangs. If it is only slow, raise `requestTimeoutMs`.',
  },
  OIDC_RATE_LIMITED: {
    fault: 'peer',
    summary: 'The authorization server accepts no more requests for now (429).',
    remedy:
      'Ask less often: share one source, wrapped with `cached`, between all clients of a process. `details.retryAfterMs` is the pause that the server asks for.',
  },
  OIDC_SERVER_FAILED: {
    fault: 'peer',
    summary: 'The authorization server failed to answer the request.',
    remedy: 'Read its log. The next login asks again.',
  },
  OIDC_ANSWER_INVALID: {
    fault: 'peer',
    summary: 'The answer does not come from an authorization server.',
    remedy: 'Check the issuer and anything on the way (proxy, load balancer, login page).',
  },
  OIDC_DISCOVERY_UNKNOWN: {
    fault: 'peer',
    summary: 'There is no metadata under the issuer.',
    remedy:
      "Check the issuer and its path (a realm, a tenant). For a server that supports RFC 8414 only, set discovery: 'oauth2'; for a server without metadata, set `tokenEndpoint`.",
  },
  OIDC_ISSUER_MISMATCH: {
    fault: 'unverified',
    summary: 'The metadata belongs to another issuer.',
    remedy:
      'If the other one (`details.found`) is your server, write exactly that into the options (`issuer`, or the list of `followServerHint`), with its path and with or without a slash at the end. If it is not, another server may be answering. A server whose metadata never has the issuer under which it is found (Azure AD B2C) needs `tokenEndpoint`: the `token_endpoint` of that metadata.',
  },
  OIDC_ADDRESS_REFUSED: {
    fault: 'unverified',
    summary: 'The server names an address that must not receive the secret.',
    remedy:
      'The endpoints in its metadata must be https. http on this machine is used only if the issuer in the options is also http on this machine.',
  },
  OIDC_CLIENT_REFUSED: {
    fault: 'credentials',
    summary: 'The authorization server rejects this client.',
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
    summary: 'The authorization server rejects the grant: the subject token, refresh token or device code.',
    remedy:
      'Get a new one: it has expired, was revoked or used, or comes from an issuer that the server does not trust.',
  },
  OIDC_REQUEST_REFUSED: {
    fault: 'config',
    summary: 'The authorization server refuses the request.',
    remedy: "See `details.error`, the reason that the server gives (RFC 6749 §5.2), and the server's log.",
  },
  OIDC_TOKEN_EXPIRED: {
    fault: 'credentials',
    summary: 'The token has already expired, by the clock of this machine.',
    remedy:
      'Check that the program that renews it still runs, and how long its tokens live. If the token is new, the clock of this machine is wrong: compare it with `details.expiresAt`.',
  },
  OIDC_TOKEN_INVALID: {
    fault: 'credentials',
    summary: 'This is not a token that can be used.',
    remedy: 'Check its source, and correct what the message names.',
  },
  OIDC_SIGN_IN_DENIED: {
    fault: 'credentials',
    summary: 'The user refused to sign in, or was not allowed to.',
    remedy: 'Sign in again as a user who may use this client.',
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
