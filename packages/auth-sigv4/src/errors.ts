import type { AuthError } from '@x/auth-core'
import { type AuthErrorDetails, errorFactory, errorRows } from '@x/auth-core/base'

/** The codes of `@x/auth-sigv4`, in addition to those of `@x/auth-core`. */
export const errorTable = errorRows({
  REGION_NOT_CONFIGURED: {
    fault: 'config',
    summary: 'No AWS region is configured, and a signature is valid for one region only.',
    remedy:
      'Pass `region` (or `endpoint`), set AWS_REGION or AWS_DEFAULT_REGION, or give the profile a `region`.',
  },
  ASSUME_ROLE_FAILED: {
    fault: 'credentials',
    summary: 'STS refused to assume the role.',
    remedy:
      'Check that the trust policy of the role names this identity (and the external ID), and that this identity may call sts:AssumeRole.',
  },
  NONCE_MISSING: {
    fault: 'peer',
    summary: 'The challenge of the server has no nonce.',
    remedy: 'Check the address: this is not the login of Amazon Keyspaces.',
  },
  NONCE_INVALID: {
    fault: 'peer',
    summary: 'The nonce of the server does not have 32 bytes.',
    remedy: 'Check the address: this is not the login of Amazon Keyspaces.',
  },
  NONCE_REPEATED: {
    fault: 'peer',
    summary: 'The challenge of the server has a second nonce.',
    remedy: 'Check the address: this is not the login of Amazon Keyspaces.',
  },
  SIGNATURE_REFUSED: {
    fault: 'credentials',
    summary: 'The server refused the signature, for a reason that is not known here.',
    remedy:
      "Check, in this order: the clock of this machine (15 minutes are too much); that secretAccessKey belongs to accessKeyId; that the region is the endpoint's; the session token; the IAM policies.",
  },
  CLOCK_SKEW: {
    fault: 'config',
    summary: 'The server refused the signature because of its time.',
    remedy:
      'Correct the clock of this machine (NTP): a signature is valid for 15 minutes before and after its time.',
  },
  SESSION_TOKEN_EXPIRED: {
    fault: 'credentials',
    summary: 'The server says that the session token has expired.',
    remedy:
      'Renew the credentials at their source, and include their `expiration`; check the clock of this machine.',
  },
  ACCESS_KEY_UNKNOWN: {
    fault: 'credentials',
    summary: 'The server does not know the access key or its session token.',
    remedy:
      'Check that the access key is active, that temporary credentials come with their sessionToken, and that the region is in the partition (AWS, China, GovCloud) of the key.',
  },
  SIGNATURE_MISMATCH: {
    fault: 'credentials',
    summary: 'The server computed another signature.',
    remedy: "Check that secretAccessKey belongs to accessKeyId, and that the region is the endpoint's.",
  },
  ACCESS_DENIED: {
    fault: 'credentials',
    summary: 'The server knows the identity, but it may not do this.',
    remedy:
      'Check the IAM policies of the identity: it needs cassandra:Select on the system tables to connect.',
  },
})

export type SigV4ErrorCode = keyof typeof errorTable

/** Makes an error with a code of `@x/auth-sigv4`. */
export const sigV4Error: (code: SigV4ErrorCode, problem?: string, details?: AuthErrorDetails) => AuthError =
  errorFactory(errorTable)
