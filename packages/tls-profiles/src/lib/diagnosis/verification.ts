import type { TlsErrorCode } from '../../errors.js'

/**
 * What Node.js calls the reasons for which OpenSSL does not verify a chain (X509_V_ERR_*), all that it has names for: see
 * "X509 certificate error codes" in its documentation of `tls`.
 */
export const verificationCodes: Readonly<Record<string, TlsErrorCode>> = {
  UNABLE_TO_GET_ISSUER_CERT: 'UNKNOWN_CA',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'UNKNOWN_CA',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'UNKNOWN_CA',
  SELF_SIGNED_CERT_IN_CHAIN: 'UNKNOWN_CA',
  CERT_SIGNATURE_FAILURE: 'UNKNOWN_CA',
  UNABLE_TO_DECRYPT_CERT_SIGNATURE: 'UNKNOWN_CA',
  CERT_UNTRUSTED: 'UNKNOWN_CA',
  CERT_REJECTED: 'UNKNOWN_CA',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'SELF_SIGNED',
  HOSTNAME_MISMATCH: 'NAME_MISMATCH',
  CERT_HAS_EXPIRED: 'SERVER_CERTIFICATE_EXPIRED',
  CERT_NOT_YET_VALID: 'SERVER_CERTIFICATE_NOT_YET_VALID',
  CERT_REVOKED: 'SERVER_CERTIFICATE_REVOKED',
  UNABLE_TO_GET_CRL: 'CRL_UNUSABLE',
  UNABLE_TO_DECRYPT_CRL_SIGNATURE: 'CRL_UNUSABLE',
  CRL_SIGNATURE_FAILURE: 'CRL_UNUSABLE',
  CRL_NOT_YET_VALID: 'CRL_UNUSABLE',
  CRL_HAS_EXPIRED: 'CRL_UNUSABLE',
  ERROR_IN_CRL_LAST_UPDATE_FIELD: 'CRL_UNUSABLE',
  ERROR_IN_CRL_NEXT_UPDATE_FIELD: 'CRL_UNUSABLE',
  INVALID_CA: 'SERVER_CERTIFICATE_UNFIT',
  INVALID_PURPOSE: 'SERVER_CERTIFICATE_UNFIT',
  PATH_LENGTH_EXCEEDED: 'SERVER_CERTIFICATE_UNFIT',
  CERT_CHAIN_TOO_LONG: 'SERVER_CERTIFICATE_UNFIT',
  UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: 'SERVER_CERTIFICATE_UNFIT',
  ERROR_IN_CERT_NOT_BEFORE_FIELD: 'SERVER_CERTIFICATE_UNFIT',
  ERROR_IN_CERT_NOT_AFTER_FIELD: 'SERVER_CERTIFICATE_UNFIT',
  OUT_OF_MEM: 'HANDSHAKE_FAILED',
}

/** Where Node.js has no name, OpenSSL's own words tell (X509_verify_cert_error_string); nobody else writes them. */
const unnamed: readonly (readonly [RegExp, TlsErrorCode])[] = [
  [/\bCRL\b/, 'CRL_UNUSABLE'],
  [/^(hostname|IP address|email address) mismatch/, 'NAME_MISMATCH'],
  [/^(subject issuer mismatch|authority and (subject|issuer)|issuer certificate lookup error)/, 'UNKNOWN_CA'],
]

/** The code for what `verifyError` of Node.js is, by its `code` and `message`; undefined for any other error. */
export function verificationCode(code: string, message: string): TlsErrorCode | undefined {
  if (Object.hasOwn(verificationCodes, code)) return verificationCodes[code]
  if (code !== 'UNSPECIFIED') return undefined
  return unnamed.find(([pattern]) => pattern.test(message))?.[1] ?? 'SERVER_CERTIFICATE_UNFIT'
}
