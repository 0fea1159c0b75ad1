import type { ErrorTable } from '@x/auth-core/base'
import { errorFactory } from '@x/auth-core/base'

/** The codes of `@x/auth-sasl`. What all mechanisms share (CHALLENGE_INVALID, LOGIN_REFUSED …) is in `@x/auth-core`. */
export const errorTable = {
  MECHANISM_UNKNOWN: {
    fault: 'config',
    summary: 'The option mechanism names none that this package has.',
    remedy: 'Use one of the names that the message lists, or give a mechanism of your own as an object.',
  },
  SASLPREP_PROHIBITED: {
    fault: 'credentials',
    summary: 'A text has characters that SASLprep (RFC 4013) does not allow.',
    remedy:
      'Choose a user name or password without the characters that the message describes; other clients of the server will refuse it too.',
  },
  SCRAM_EXTENSION_REQUIRED: {
    fault: 'unsupported',
    summary: 'The server insists on an extension of SCRAM (m=), and none is defined.',
    remedy:
      'Check what the server is and its version: RFC 5802 reserves this attribute and asks clients to stop.',
  },
  SCRAM_NONCE_INVALID: {
    fault: 'peer',
    summary: "The server's nonce does not continue ours.",
    remedy:
      'Do not trust this server: it replays an old exchange, or something between it and this client changes messages.',
  },
  SCRAM_ITERATIONS_OUT_OF_RANGE: {
    fault: 'peer',
    summary: 'The server asks for an iteration count outside the limits.',
    remedy:
      'Correct the iteration count of the role on the server; where it is right, set the option minIterations or maxIterations.',
  },
  SCRAM_SERVER_ERROR: {
    fault: 'peer',
    summary: 'The server ended the SCRAM exchange with an error.',
    remedy: "See `details.serverError`, the server's own word (RFC 5802 §7), and its log.",
  },
  DIGEST_QOP_UNSUPPORTED: {
    fault: 'unsupported',
    summary: 'The server does not offer the quality of protection auth.',
    remedy:
      'Let the server offer qop auth; integrity and confidentiality are the business of TLS, since CQL has no SASL security layer.',
  },
  DIGEST_REALM_UNKNOWN: {
    fault: 'unsupported',
    summary: 'It is not clear in which realm to log in.',
    remedy: 'Set the option realm to one of `details.realms`, which the server offers.',
  },
  DIGEST_CHARSET_UNSUPPORTED: {
    fault: 'unsupported',
    summary: 'The server takes ISO 8859-1 only, and a text has characters beyond it.',
    remedy: 'Let the server announce charset=utf-8, or choose a user name and password within ISO 8859-1.',
  },
  OAUTHBEARER_REFUSED: {
    fault: 'credentials',
    summary: 'The server refused the token.',
    remedy:
      'Get a token for the scope in `details.scope` from the issuer that the server trusts; `details.openidConfiguration` is what the server says of it, not to be followed unchecked.',
  },
} as const satisfies ErrorTable

export type SaslErrorCode = keyof typeof errorTable

export const saslError = errorFactory(errorTable)
