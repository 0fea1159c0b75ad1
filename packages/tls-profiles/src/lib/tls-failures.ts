/**
 * What the errors of Node.js and OpenSSL mean when TLS fails, and what to do about them: for `explainTlsError` of
 * @x/tls-profiles, and for `findAuthError` of @x/auth-core. Both packages have a copy of this file, because neither
 * depends on the other. A test compares the copies.
 */

/** A row of an error table. */
interface TlsFailure {
  readonly fault: 'config' | 'credentials' | 'peer' | 'unsupported' | 'unverified'
  readonly summary: string
  readonly remedy: string
}

const rows = {
  UNKNOWN_CA: {
    fault: 'unverified',
    summary: "The server's certificate was issued by a CA that you do not trust.",
    remedy:
      'Give the root that issued it as `ca`. If you did, either the server does not send its intermediate certificates, or it is not your server.',
  },
  SELF_SIGNED: {
    fault: 'unverified',
    summary: "The server's certificate is self-signed, and you do not trust it.",
    remedy: 'If it is yours, give that certificate as `ca`; if not, this is not your server.',
  },
  NAME_MISMATCH: {
    fault: 'unverified',
    summary: "The server's certificate is for another name.",
    remedy:
      'Issue the certificate again with the expected name, IP address or URI in its subject alternative names, or set `hostname` to a name that the certificate has: one name, a map or function from address to name, or `{ uri }`. A SPIFFE ID must be the only URI of the certificate.',
  },
  SERVER_CERTIFICATE_EXPIRED: {
    fault: 'peer',
    summary: "A certificate in the server's chain has expired.",
    remedy: 'Renew it on the server; check the clock of this machine too.',
  },
  SERVER_CERTIFICATE_NOT_YET_VALID: {
    fault: 'peer',
    summary: "A certificate in the server's chain is not valid yet.",
    remedy: 'Check the clocks of this machine and of the machine that issued the certificate.',
  },
  SERVER_CERTIFICATE_REVOKED: {
    fault: 'unverified',
    summary: "A certificate in the server's chain has been revoked.",
    remedy: 'Give the server a new certificate. Do not connect until you know why it was revoked.',
  },
  SERVER_CERTIFICATE_UNFIT: {
    fault: 'peer',
    summary:
      "A certificate in the server's chain is not allowed for this use, or its key or signature is too weak.",
    remedy:
      'Issue the certificate again with extended key usage serverAuth, RSA of 2048 bits or ECDSA P-256, and SHA-256; CA certificates need basicConstraints CA:TRUE. If OpenSSL reports a subtree violation, use names that its CA may issue (name constraints).',
  },
  CRL_UNUSABLE: {
    fault: 'config',
    summary: "The revocation lists do not cover the server's chain, or have expired.",
    remedy: 'Give a current list of each CA in the chain as `crl`: OpenSSL requires one for every CA.',
  },
  CLIENT_CERTIFICATE_REQUIRED: {
    fault: 'config',
    summary: 'The server requires a client certificate, and the client sent none.',
    remedy:
      'Use mutual({ ca, cert, key }). In cassandra.yaml this is client_encryption_options.require_client_auth.',
  },
  CLIENT_CERTIFICATE_REFUSED: {
    fault: 'credentials',
    summary: 'The server refused our client certificate.',
    remedy:
      "Check that it is valid, and that the server's truststore has the CA that issued it (send its intermediates in `cert`).",
  },
  NO_COMMON_VERSION: {
    fault: 'unsupported',
    summary: 'The server and this client have no version of TLS in common.',
    remedy:
      'Compare minVersion and maxVersion with client_encryption_options.accepted_protocols; an early Java 8 has no TLS 1.3. A profile with a client certificate offers TLS 1.3 only if you set minVersion or maxVersion to TLSv1.3: then set protocolOptions: { maxVersion: 4 } too, as secureClientOptions does, or the driver may crash.',
  },
  NO_COMMON_CIPHER: {
    fault: 'unsupported',
    summary: 'The server and this client could not agree; most often they have no cipher suite in common.',
    remedy:
      'Compare `ciphers` with client_encryption_options.cipher_suites; an RSA certificate needs RSA suites, an ECDSA certificate needs ECDSA suites. If you gave no client certificate, the server may require one.',
  },
  HANDSHAKE_FAILED: {
    fault: 'peer',
    summary: 'The TLS handshake failed.',
    remedy: 'See `cause` for the error of OpenSSL, and read the log of the server.',
  },
  SERVER_SPEAKS_PLAIN_TEXT: {
    fault: 'config',
    summary: 'The service at this address does not speak TLS.',
    remedy:
      'Enable client_encryption_options on the server, or use its TLS port (native_transport_port_ssl, often 9142). Leave sslOptions out only if the connection may be read and changed by others.',
  },
  PORT_CLOSED: {
    fault: 'config',
    summary: 'Nothing listens on this port.',
    remedy:
      'Check the address and the port: Cassandra listens for clients on native_transport_port (9042), and for TLS only on native_transport_port_ssl if that is set.',
  },
} satisfies Record<string, TlsFailure>

export type TlsFailureCode = keyof typeof rows

/** The row for each code. */
export const tlsFailures: Readonly<Record<TlsFailureCode, TlsFailure>> = rows

/** If the chain is at fault, Node.js does not say which certificate. */
const unseen: ReadonlySet<string> = new Set<TlsFailureCode>([
  'UNKNOWN_CA',
  'SELF_SIGNED',
  'SERVER_CERTIFICATE_EXPIRED',
  'SERVER_CERTIFICATE_NOT_YET_VALID',
])

/** How to learn more than the error says; undefined if there is no way. */
export function whoKnowsMore(code: string): string | undefined {
  if (!unseen.has(code)) return undefined
  return 'Call examineTlsError(error, sslOptions) of @x/tls-profiles to see which certificate it is.'
}

/** The code for an error of Node.js or OpenSSL; undefined for one that has nothing to do with TLS. */
export function tlsFailureCode(code: string, message: string): TlsFailureCode | undefined {
  return verificationCode(code, message) ?? handshakeCode(opensslCode(code, message))
}

/**
 * The names of Node.js for the reasons for which OpenSSL refuses a chain (X509_V_ERR_*), all that have a name: see
 * "X509 certificate error codes" in its documentation of `tls`.
 */
export const verificationCodes: Readonly<Record<string, TlsFailureCode>> = {
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

/**
 * If Node.js has no name for a reason, OpenSSL's own text decides (X509_verify_cert_error_string). Only OpenSSL writes
 * it.
 */
const unnamed: readonly (readonly [RegExp, TlsFailureCode])[] = [
  [/\bCRL\b/, 'CRL_UNUSABLE'],
  [/^(hostname|IP address|email address) mismatch/, 'NAME_MISMATCH'],
  [/^(subject issuer mismatch|authority and (subject|issuer)|issuer certificate lookup error)/, 'UNKNOWN_CA'],
]

/** The code for an error of the verification of a chain, by its `code` and `message`; undefined for any other error. */
function verificationCode(code: string, message: string): TlsFailureCode | undefined {
  if (Object.hasOwn(verificationCodes, code)) return verificationCodes[code]
  if (code !== 'UNSPECIFIED') return undefined
  return unnamed.find(([pattern]) => pattern.test(message))?.[1] ?? 'SERVER_CERTIFICATE_UNFIT'
}

type Rule = readonly [RegExp, TlsFailureCode]

/** The rules for `code`. Node.js calls the alerts and reasons of OpenSSL `ERR_SSL_` and the reason in upper case. */
const rules: readonly Rule[] = [
  [/^ERR_TLS_CERT_ALTNAME/, 'NAME_MISMATCH'],
  [/ALERT_CERTIFICATE_REQUIRED$/, 'CLIENT_CERTIFICATE_REQUIRED'],
  [
    /ALERT_(BAD_CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(REVOKED|EXPIRED|UNKNOWN)|ACCESS_DENIED)$/,
    'CLIENT_CERTIFICATE_REFUSED',
  ],
  [
    /(ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|WRONG_SSL_VERSION|NO_PROTOCOLS_AVAILABLE)$/,
    'NO_COMMON_VERSION',
  ],
  [
    /(ALERT_(HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY)|NO_CIPHERS_AVAILABLE|WRONG_CIPHER_RETURNED|NO_SHARED_CIPHER)$/,
    'NO_COMMON_CIPHER',
  ],
  [/^ERR_SSL_.*(TOO_WEAK|TOO_SMALL)$/, 'SERVER_CERTIFICATE_UNFIT'],
  [
    /(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|RECORD_LAYER_FAILURE|UNKNOWN_PROTOCOL|ERR_SSL_HTTPS?_(PROXY_)?REQUEST)$/,
    'SERVER_SPEAKS_PLAIN_TEXT',
  ],
  [/^ECONNREFUSED$/, 'PORT_CLOSED'],
  [/^(ERR_(SSL|TLS|OSSL)_|EPROTO$)/, 'HANDSHAKE_FAILED'],
]

/** The code is `EPROTO` if OpenSSL fails while Node.js writes. Then the reason is in the message, between colons. */
const reason = /:SSL routines:[^:]*:([^:]+):/

/** The code of OpenSSL's error; `EPROTO` is translated into the name that Node.js has for it elsewhere. */
export function opensslCode(code: string, message: string): string {
  const [, words] = code === 'EPROTO' ? (reason.exec(message) ?? []) : []
  return words === undefined ? code : `ERR_SSL_${words.toUpperCase().replaceAll(' ', '_')}`
}

/** The meaning of a failed handshake, by the code of the error; undefined for an error that has nothing to do with TLS. */
function handshakeCode(code: string): TlsFailureCode | undefined {
  return rules.find(([pattern]) => pattern.test(code))?.[1]
}
