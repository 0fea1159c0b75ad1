import type { AuthError } from '@x/auth-core/base'
import { type SaslErrorCode, saslError } from '../../errors.js'
import { quotable } from '../bytes.js'

/**
 * npm `kerberos` gives the text of libkrb5 and no number, so the text decides. libkrb5 translates its texts only in a process
 * that has called setlocale(), which Node does not do for messages.
 */
const failures: readonly (readonly [RegExp, SaslErrorCode])[] = [
  [/Ticket expired|Credentials? (?:has|have) expired|KDC_ERR_NEVER_VALID/i, 'KERBEROS_TICKET_EXPIRED'],
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
  [
    /No credentials were supplied|No Kerberos credentials available|credentials? cache|Matching credential not found/i,
    'KERBEROS_NO_CREDENTIALS',
  ],
]

/** What the server tells of a ticket that it can not read. */
const serverFailures: readonly (readonly [RegExp, SaslErrorCode])[] = [
  [/Clock skew too great/i, 'KERBEROS_CLOCK_SKEW'],
  [/Ticket expired/i, 'KERBEROS_TICKET_EXPIRED'],
  [/./s, 'KERBEROS_TICKET_REFUSED'],
]

/** The error of a native call by which the client got its ticket. `server` is the service and the host that it is for. */
export function ticketFailure(cause: unknown, server: string): AuthError {
  return failure(failures, cause, server)
}

/** The error of a native call that read an error of the server. */
export function serverFailure(cause: unknown, server: string): AuthError {
  return failure(serverFailures, cause, server)
}

function failure(
  table: readonly (readonly [RegExp, SaslErrorCode])[],
  cause: unknown,
  server: string,
): AuthError {
  const text = textOf(cause)
  const [, code = 'GSSAPI_FAILED'] = table.find(([pattern]) => pattern.test(text)) ?? []
  return saslError(code, `Kerberos, for ${server}: ${text}.`, { details: { server, kerberos: text } })
}

/** The text of libkrb5 without what stands before every one of them. */
function textOf(cause: unknown): string {
  const { message } = (cause ?? {}) as { message?: unknown }
  if (typeof message !== 'string') return 'it failed without a reason'
  return quotable(
    message.replace(/^Unspecified GSS failure\. {2}Minor code may provide more information: /, ''),
    300,
  )
}
