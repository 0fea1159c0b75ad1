import type { TlsErrorCode } from '../../errors.js'

type Rule = readonly [RegExp, TlsErrorCode]

/** By `code`: what Node.js calls the alerts and reasons of OpenSSL, `ERR_SSL_` and the reason in capitals. */
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
  [/^(ERR_SSL_|EPROTO$)/, 'HANDSHAKE_FAILED'],
]

/** `EPROTO` where OpenSSL fails while Node.js writes: the reason stands in the message, between colons. */
const reason = /:SSL routines:[^:]*:([^:]+):/

/** The code of OpenSSL's error; `EPROTO` is translated into the name that Node.js has for it elsewhere. */
export function opensslCode(code: string, message: string): string {
  const [, words] = code === 'EPROTO' ? (reason.exec(message) ?? []) : []
  return words === undefined ? code : `ERR_SSL_${words.toUpperCase().replaceAll(' ', '_')}`
}

/** What a handshake that failed means, by the code of the error; undefined for one that has nothing to do with TLS. */
export function handshakeCode(code: string): TlsErrorCode | undefined {
  return rules.find(([pattern]) => pattern.test(code))?.[1]
}
