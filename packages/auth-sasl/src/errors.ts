import { errorFactory, errorRows } from '@x/auth-core/base'

/** The codes of `@x/auth-sasl`. What all mechanisms share (CHALLENGE_INVALID, LOGIN_REFUSED …) is in `@x/auth-core`. */
export const errorTable = errorRows({
  MECHANISM_UNKNOWN: {
    fault: 'config',
    summary: 'This package does not have the mechanism in the option mechanism.',
    remedy: 'Use one of the names that the message lists, or pass your own mechanism as an object.',
  },
  SASLPREP_PROHIBITED: {
    fault: 'credentials',
    summary: 'A text has characters that SASLprep (RFC 4013) does not allow.',
    remedy:
      'Choose a user name or password without the characters that the message describes; other clients of the server will refuse it too.',
  },
  SCRAM_EXTENSION_REQUIRED: {
    fault: 'unsupported',
    summary: 'The server requires an extension of SCRAM (m=), and no extension is defined.',
    remedy:
      'Check the product and the version of the server: RFC 5802 reserves this attribute, and clients must stop.',
  },
  SCRAM_NONCE_INVALID: {
    fault: 'peer',
    summary: "The server's nonce does not continue ours.",
    remedy: 'Do not trust this server: it replays an old exchange, or something on the way changes messages.',
  },
  SCRAM_ITERATIONS_OUT_OF_RANGE: {
    fault: 'peer',
    summary: 'The server asks for an iteration count outside the limits.',
    remedy:
      'Correct the iteration count of the role on the server. If it is right, set the option minIterations or maxIterations.',
  },
  SCRAM_SERVER_ERROR: {
    fault: 'peer',
    summary: 'The server ended the SCRAM exchange with an error.',
    remedy: "See `details.serverError`, the error name of the server (RFC 5802 §7), and the server's log.",
  },
  CHANNEL_BINDING_UNSEEN: {
    fault: 'config',
    summary: 'The login must be bound to its TLS connection, and this process cannot see the connection.',
    remedy:
      'Pass a profile of @x/tls-profiles as sslOptions (not one of an older version, and not plain TCP). Its `explain()` tells whether the runtime shows connections.',
  },
  CHANNEL_BINDING_UNAVAILABLE: {
    fault: 'unverified',
    summary: 'The TLS connection has no channel binding of the type that was asked for.',
    remedy:
      'tls-exporter needs TLS 1.3; tls-server-end-point needs a certificate whose signature names a hash function, which Ed25519 does not. Choose the other channelBindingType if the server accepts it.',
  },
  DIGEST_QOP_UNSUPPORTED: {
    fault: 'unsupported',
    summary: 'The server does not offer the quality of protection auth.',
    remedy:
      'Let the server offer qop auth. CQL has no SASL security layer; TLS provides integrity and confidentiality.',
  },
  DIGEST_REALM_UNKNOWN: {
    fault: 'unsupported',
    summary: 'The realm of the login is not clear.',
    remedy: 'Set the option realm to one of `details.realms`, which the server offers.',
  },
  DIGEST_CHARSET_UNSUPPORTED: {
    fault: 'unsupported',
    summary: 'The server accepts ISO 8859-1 only, and a text has other characters.',
    remedy: 'Let the server announce charset=utf-8, or choose a user name and password in ISO 8859-1.',
  },
  OAUTHBEARER_REFUSED: {
    fault: 'credentials',
    summary: 'The server refused the token.',
    remedy:
      "Get a token for the scope that the server wants, from the issuer that it trusts. The server's answer about both is in `cause`, a Secret, because it may repeat the token: print it with `cause.use(console.log)` where nobody else can read it. Check an address in it before you follow it.",
  },
  HOST_UNKNOWN: {
    fault: 'config',
    summary: 'There is no name for this node.',
    remedy: 'Give the name of the node in the option host, or correct its record in DNS.',
  },
  KERBEROS_NOT_INSTALLED: {
    fault: 'config',
    summary: 'GSSAPI needs the package kerberos, and it is not installed.',
    remedy:
      'Install it: npm install kerberos. If it is installed and not found (in a bundle, in another folder), pass it as an option: { kerberos: require("kerberos") }.',
  },
  KERBEROS_NOT_BUILT: {
    fault: 'config',
    summary: 'The package kerberos is installed, but its native part is not built for this Node.js.',
    remedy:
      'Install python3, make, g++ and the headers of libkrb5 (apt-get install libkrb5-dev, dnf install krb5-devel), then run: npm rebuild kerberos. With pnpm, allow it first: pnpm.onlyBuiltDependencies ["kerberos"], then: pnpm rebuild kerberos. Offline, set npm_config_nodedir to the folder that Node is installed in.',
  },
  KERBEROS_LIBRARY_MISSING: {
    fault: 'config',
    summary: 'The libraries of Kerberos are not installed on this machine.',
    remedy:
      'Install them: apt-get install libgssapi-krb5-2, dnf install krb5-libs, or apk add krb5-libs. No headers are needed at run time.',
  },
  KERBEROS_NO_CREDENTIALS: {
    fault: 'credentials',
    summary: 'There are no Kerberos credentials for the login.',
    remedy:
      'Run kinit as the user of this process and compare klist with `details.kerberos`, which names the cache. Or set the option keytab, or the option principal if the cache is for another user.',
  },
  KERBEROS_CREDENTIALS_UNUSABLE: {
    fault: 'credentials',
    summary:
      'Kerberos reports no credentials, but this machine has some, or keeps them where a provider cannot look.',
    remedy:
      'Compare klist with `details.kerberos`, and the option principal with the owner of the cache. In a list, a mechanism that sends the secret readable is not tried next, because the report may come from a KDC. With the option ticketCache, or KRB5CCNAME, this machine can check the report itself.',
  },
  KERBEROS_KEYTAB_UNREADABLE: {
    fault: 'credentials',
    summary: 'The keytab cannot be read.',
    remedy: 'Correct the option keytab, or let the user of this process read the file.',
  },
  KERBEROS_KEYTAB_REFUSED: {
    fault: 'credentials',
    summary:
      'The keytab gives no ticket: it has no key for the client, or its key is not the one in the KDC.',
    remedy:
      'Compare klist -kt of the keytab with the option principal, and export the key again if it has been changed in the KDC since.',
  },
  KERBEROS_CLIENT_UNKNOWN: {
    fault: 'credentials',
    summary: 'The KDC does not know the client, has locked or disabled it, or its password has expired.',
    remedy:
      'Check the option principal and its realm. Check the account in the KDC: unlock it, or set a new password and export its keytab again.',
  },
  KERBEROS_TICKET_EXPIRED: {
    fault: 'credentials',
    summary: 'The Kerberos ticket has expired.',
    remedy:
      'Renew it before it expires, with kinit -R or k5start; or set the option keytab, which renews tickets without these tools.',
  },
  KERBEROS_SERVER_UNKNOWN: {
    fault: 'config',
    summary: 'The KDC does not know the server.',
    remedy:
      'Compare the name in `details.kerberos` with the principal in the keytab of the server, and set the options service and host so that both are equal.',
  },
  KERBEROS_REALM_UNKNOWN: {
    fault: 'config',
    summary: 'libkrb5 does not know the realm, or does not know its KDCs.',
    remedy: 'Set default_realm, the KDCs in [realms] and the host in [domain_realm] of krb5.conf.',
  },
  KERBEROS_KDC_UNREACHABLE: {
    fault: 'timeout',
    summary: 'No KDC of the realm answered.',
    remedy: 'Check the KDCs in krb5.conf, and check that this machine reaches their port 88 by TCP and UDP.',
  },
  KERBEROS_KDC_TIMEOUT: {
    fault: 'timeout',
    summary: 'The KDC did not answer in time.',
    remedy:
      'Check the KDCs in krb5.conf, the first one above all: libkrb5 waits ten seconds for it before it asks the next. If they are only slow, raise deadlineMs.',
  },
  KERBEROS_CLOCK_SKEW: {
    fault: 'config',
    summary: 'The clocks of this machine, the KDC and the server differ by too much.',
    remedy: 'Set the clocks by NTP; the limit is five minutes unless krb5.conf sets another one (clockskew).',
  },
  KERBEROS_ENCTYPE_UNSUPPORTED: {
    fault: 'unsupported',
    summary: 'Client, KDC and server have no encryption type in common.',
    remedy: 'Give the principals of the client and the server AES keys, and export their keytabs again.',
  },
  KERBEROS_TICKET_REFUSED: {
    fault: 'peer',
    summary: 'The server refused the ticket.',
    remedy:
      "Compare the keytab of the server with the KDC (klist -kte, kvno): its key may be older than the KDC's, or belong to another principal. See the server's log.",
  },
  KERBEROS_SERVER_NOT_VERIFIED: {
    fault: 'unverified',
    summary: 'The server did not prove that it has the key of its principal.',
    remedy:
      "Do not trust this server: check the address and any proxy on the way, and check that the ticket is for the principal in the server's keytab (`details.server`).",
  },
  GSSAPI_LAYER_REQUIRED: {
    fault: 'unsupported',
    summary: 'The server requires a SASL security layer.',
    remedy:
      'Let the server offer authentication only (qop auth). CQL has no SASL security layer; TLS provides integrity and confidentiality.',
  },
  GSSAPI_FAILED: {
    fault: 'config',
    summary: 'Kerberos failed.',
    remedy:
      'See `details.kerberos`, the text of libkrb5. Set KRB5_TRACE=/dev/stderr to see each of its steps.',
  },
})

export type SaslErrorCode = keyof typeof errorTable

export const saslError = errorFactory(errorTable)
