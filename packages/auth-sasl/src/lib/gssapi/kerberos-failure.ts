import type { AuthError } from '@x/auth-core'
import { refusedByServer } from '@x/auth-core/base'
import { type SaslErrorCode, saslError } from '../../errors.js'
import { quotable } from '../bytes.js'

/** libkrb5 writes the last one if the ticket expires while the server's proof is on its way. */
const expired = /Ticket expired|Credentials? (?:has|have) expired|KDC_ERR_NEVER_VALID|context has expired/i

/** What libkrb5 says if it finds no credentials. */
const noCredentials =
  /No credentials were supplied|No Kerberos credentials available|credentials? cache|Matching credential not found/i

/**
 * npm `kerberos` gives the text of libkrb5 and no number. So the text decides the code, and nothing else, because a KDC
 * can write into it. libkrb5 translates its texts only in a process that has called setlocale(), which Node does not do
 * for messages.
 */
const failures: readonly (readonly [RegExp, SaslErrorCode])[] = [
  [expired, 'KERBEROS_TICKET_EXPIRED'],
  // This is about the path to the server's realm, not about the server.
  [/Server krbtgt\/.*not found/i, 'KERBEROS_REALM_UNKNOWN'],
  [/Server .*not found in Kerberos database/i, 'KERBEROS_SERVER_UNKNOWN'],
  [/Client .*not found in Kerberos database/i, 'KERBEROS_CLIENT_UNKNOWN'],
  [/Cannot (?:find KDC|determine realm|resolve servers)|default realm/i, 'KERBEROS_REALM_UNKNOWN'],
  [/Cannot contact any KDC/i, 'KERBEROS_KDC_UNREACHABLE'],
  [/Clock skew too great/i, 'KERBEROS_CLOCK_SKEW'],
  [/encryption type|etype|no support for enc/i, 'KERBEROS_ENCTYPE_UNSUPPORTED'],
  [
    /Preauthentication failed|no suitable keys|Key table entry|Password incorrect/i,
    'KERBEROS_KEYTAB_REFUSED',
  ],
  [/revoked|locked out|Password has expired/i, 'KERBEROS_CLIENT_UNKNOWN'],
  [noCredentials, 'KERBEROS_NO_CREDENTIALS'],
]

/** What a server says about a ticket; any other text is a refusal too. */
const serverFailures: readonly (readonly [RegExp, SaslErrorCode])[] = [
  [/Clock skew too great/i, 'KERBEROS_CLOCK_SKEW'],
  [/Ticket expired/i, 'KERBEROS_TICKET_EXPIRED'],
]

/** The request for a ticket, as far as an error shows it. */
export interface Asked {
  /** `service@host` */
  readonly server: string
  readonly keytab: string | undefined
}

/** Whether it is the ticket's time, not the server, that made a native call fail. */
export function isExpiry(cause: unknown): boolean {
  return expired.test(textOf(cause))
}

/** The error of a native call by which the client got its ticket. */
export function ticketFailure(cause: unknown, { server, keytab }: Asked): AuthError {
  const text = textOf(cause)
  const [, code = 'GSSAPI_FAILED'] = failures.find(([pattern]) => pattern.test(text)) ?? []
  // With a ticket from the keytab, there would be a cache.
  const keytabGaveNone = code === 'KERBEROS_NO_CREDENTIALS' && keytab !== undefined
  return failure(keytabGaveNone ? 'KERBEROS_KEYTAB_REFUSED' : code, text, server)
}

/** The error of a native call that read an error of the server. */
export function serverFailure(cause: unknown, server: string): AuthError {
  const text = textOf(cause)
  const [, code = 'KERBEROS_TICKET_REFUSED'] = serverFailures.find(([pattern]) => pattern.test(text)) ?? []
  return refusedByServer(failure(code, text, server))
}

function failure(code: SaslErrorCode, text: string, server: string): AuthError {
  const kerberos = quotable(text.replace(prefixes, ''), 300)
  return saslError(code, `Kerberos, for ${server}: ${kerberos}.`, { details: { server, kerberos } })
}

/** The text before the words of libkrb5; it has no information. */
const prefixes =
  /^(?:Unspecified GSS failure\. {2}Minor code may provide more information|No credentials were supplied, or the credentials were unavailable or inaccessible): (?=.)/

function textOf(cause: unknown): string {
  const { message } = (cause ?? {}) as { message?: unknown }
  return typeof message === 'string' && message !== '' ? message : 'it failed without a reason'
}
