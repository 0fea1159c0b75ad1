import { checkServerIdentity } from 'node:tls'
import { authError } from '../../errors.js'
import { recordOf } from '../../provider-record.js'
import { makeReader, type TlsOptions } from './tls-options.js'

type Unasked = (endpoint: string) => Error

/**
 * The `sslOptions` for one client alone. Of a profile of @x/tls-profiles that is a copy with a reader of its own, so that
 * the client's connections are told from others'; and where `requireAuthentication` holds, one whose server lets it in
 * without a login ends with NOT_AUTHENTICATED, before the driver is handed the READY. Where it was asked for by name, one of
 * which that is not seen ends with CANNOT_TELL.
 */
export function clientConnections(
  tls: TlsOptions | undefined,
  authProvider: unknown,
  requireAuthentication: boolean | undefined,
): TlsOptions | undefined {
  const make = tls?.[makeReader] as ((unasked?: Unasked) => object) | undefined
  // Others' providers do not take the record of their connection, so that it looks as if nobody had been asked.
  const { openLogins, mechanisms = [] } = recordOf(authProvider) ?? {}
  const seen = make !== undefined && tls?.['onread'] !== undefined && openLogins !== undefined
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
 * What was asked for by name holds for later connections too: a runtime may turn out to show none of them (Bun does). Their
 * handshake ends then, by the verdict on the certificate, for which it must be a full one and one whose verdict counts.
 */
function endedUnlessSeen(tls: TlsOptions): PropertyDescriptorMap {
  const choose = (unseen: unknown, name: string, otherwise?: unknown) => ({
    get: () => (tls['onread'] === undefined ? unseen : (tls[name] ?? otherwise)),
    enumerable: true,
  })
  return {
    rejectUnauthorized: choose(true, 'rejectUnauthorized'),
    // Node takes no `undefined` for it; of a profile that verifies nothing it ignores the verdict.
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
