import type { AuthError } from '@x/auth-core'
import { type AuthErrorDetails, errorFactory, errorRows } from '@x/auth-core/base'

/** The codes of `@x/auth-vault`, in addition to those of `@x/auth-core`. */
export const errorTable = errorRows({
  VAULT_UNREACHABLE: {
    fault: 'peer',
    summary: 'Vault could not be reached.',
    remedy:
      'Check the address, DNS, the network, and that the certificate of Vault is from a CA that is trusted here (`tls`, NODE_EXTRA_CA_CERTS). If the error has a code, the message names it.',
  },
  VAULT_TIMEOUT: {
    fault: 'timeout',
    summary: 'Vault did not answer in time.',
    remedy:
      'Check whether Vault, its storage, or the database behind its engine is slow or hangs. Also check the function or file that the login reads from.',
  },
  VAULT_SEALED: {
    fault: 'peer',
    summary: 'Vault is sealed, not initialized, or has no active node.',
    remedy: 'Unseal Vault, or wait until a standby has become active; the next login asks again.',
  },
  VAULT_RATE_LIMITED: {
    fault: 'peer',
    summary: 'The rate limit of Vault is exceeded.',
    remedy: 'Raise the rate limit quota of this path, or use fewer clients.',
  },
  VAULT_NOT_ACTIVE: {
    fault: 'peer',
    summary: 'This node of Vault cannot answer the request now.',
    remedy:
      'Status 472 is a secondary for disaster recovery, 473 a performance standby: use the address of the active cluster, or of a load balancer that checks `sys/health`. With status 412, the node is not up to date yet: the next login asks again.',
  },
  VAULT_FAILED: {
    fault: 'peer',
    summary: 'Vault failed to answer the request.',
    remedy: 'Read the log and the audit log of Vault. The database behind its engine may be down.',
  },
  VAULT_ANSWER_INVALID: {
    fault: 'peer',
    summary: 'The answer does not come from Vault, or was cut off.',
    remedy: 'Check the address and anything on the way (proxy, load balancer).',
  },
  VAULT_REDIRECT_REFUSED: {
    fault: 'unverified',
    summary: 'Vault redirects to an address that must not receive the token.',
    remedy:
      'Set `api_addr` of the Vault servers to an https address. If it names another host or port than the option address, add it to `redirectHosts` (with the port, if that differs), or use the address of a load balancer.',
  },
  VAULT_LOGIN_REFUSED: {
    fault: 'credentials',
    summary: 'Vault refused the login.',
    remedy: 'Check the role, its bound claims, networks and policies, and the credentials of this client.',
  },
  VAULT_TOKEN_REFUSED: {
    fault: 'credentials',
    summary: 'Vault does not accept the token.',
    remedy:
      'Give a token that is valid and whose policies allow the path that the message names. A login method gets a new token when the old one expires.',
  },
  VAULT_DENIED: {
    fault: 'credentials',
    summary: 'The token is valid, but its policies do not allow the request.',
    remedy: 'Add the path that the message names to a policy of the token or its role.',
  },
  VAULT_REQUEST_REFUSED: {
    fault: 'config',
    summary: 'Vault refused the request.',
    remedy: 'Check the role and the mount that the message names.',
  },
  VAULT_PATH_UNKNOWN: {
    fault: 'config',
    summary: 'Nothing is mounted at this path.',
    remedy: 'Check `mount` (and `namespace`), and for KV the option `kvVersion`.',
  },
  VAULT_WRAPPING_INVALID: {
    fault: 'credentials',
    summary: 'The wrapping token is not valid: it has expired, was used before, or wraps something else.',
    remedy:
      'If it has not expired, somebody else may have unwrapped the secret ID: revoke it, investigate, and issue another.',
  },
  VAULT_LEASE_TOO_SHORT: {
    fault: 'config',
    summary: 'The lease ends before a login could use it.',
    remedy:
      'Raise default_ttl and max_ttl of the database role: an hour or more is usual. If the message names the token, give one that lives longer, raise its ttl in the role of the login, or use a login method that gets another one.',
  },
})

/** A code of `@x/auth-vault`. */
export type VaultErrorCode = keyof typeof errorTable

/** Makes an error with a code of `@x/auth-vault`. */
export const vaultError: (code: VaultErrorCode, problem?: string, details?: AuthErrorDetails) => AuthError =
  errorFactory(errorTable)
