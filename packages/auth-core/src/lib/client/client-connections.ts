import { checkServerIdentity } from 'node:tls'
import { authError } from '../../errors.js'
import { recordOf } from '../../provider-record.js'
import { makeReader, type TlsOptions } from './tls-options.js'

type Unasked = (endpoint: string) => Error

/**
 * The `sslOptions` for one client alone. For a profile of @x/tls-profiles, it is a copy with its own reader, so that
 * the client's connections can be told from others'. Under `requireAuthentication`, a connection ends with
 * NOT_AUTHENTICATED if its server lets it in without a login; the driver does not get the READY. If the option was set
 * to `true`, a connection that cannot be seen ends with CANNOT_TELL.
 */
export function clientConnections(
  tls: TlsOptions | undefined,
  authProvider: unknown,
  requireAuthentication: boolean | undefined,
): TlsOptions | undefined {
  const { [makeReader]: make, onread: kept } = (tls ?? {}) as {
    [makeReader]?: (unasked?: Unasked) => object
    onread?: unknown
  }
  // Providers of other libraries do not take the record of their connection, so it looks as if the server had not
  // asked.
  const { openLogins, mechanisms = [] } = recordOf(authProvider) ?? {}
  const seen = make !== undefined && kept !== undefined && openLogins !== undefined
  if (requireAuthentication === true && !seen) {
    throw authError(
      'OPTION_INVALID',
      'requireAuthentication needs three things: a profile of @x/tls-profiles as sslOptions, an authProvider of this family, and a runtime on which explain().connectionRecord is true.',
    )
  }
  if (!tls || !make) return tls
  // Cassandra 6 knows a client by its certificate and does not ask it.
  const required = requireAuthentication ?? (seen && !mechanisms.includes('EXTERNAL'))
  const reader = make(required ? notAuthenticated : undefined)
  const onread = { get: () => tls['onread'] && reader, enumerable: true }
  return Object.create(Object.getPrototypeOf(tls), {
    ...Object.getOwnPropertyDescriptors(tls),
    ...(requireAuthentication === true ? endedUnlessSeen(tls) : {}),
    onread,
  })
}

/**
 * `true` holds for later connections too: a runtime may show none of them (Bun does). Then their handshake ends by the
 * verdict on the certificate, so it must be a full handshake and its verdict must count.
 */
function endedUnlessSeen(tls: TlsOptions): PropertyDescriptorMap {
  const choose = (unseen: unknown, name: string, otherwise?: unknown) => ({
    get: () => (tls['onread'] === undefined ? unseen : (tls[name] ?? otherwise)),
    enumerable: true,
  })
  return {
    rejectUnauthorized: choose(true, 'rejectUnauthorized'),
    // Node does not accept `undefined` here. For a profile that verifies nothing, it ignores the verdict.
    checkServerIdentity: choose(notSeen, 'checkServerIdentity', checkServerIdentity),
    session: choose(undefined, 'session'),
  }
}

function notSeen(): Error {
  return authError(
    'CANNOT_TELL',
    'This runtime does not show whether a server asked for a login, and requireAuthentication: true needs that.',
  )
}

function notAuthenticated(endpoint: string): Error {
  return authError('NOT_AUTHENTICATED', `${endpoint} let the client in without asking for a login.`, {
    endpoint,
  })
}
