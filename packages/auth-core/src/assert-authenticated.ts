import type { Client } from 'cassandra-driver'
import { authError } from './errors.js'
import { openLogins } from './lib/client/open-logins.js'
import { routesByName } from './lib/client/routes-by-name.js'
import { type ProviderRecord, recordOf } from './provider-record.js'

/** The part of a Client that is needed. */
export type ConnectedClient = Pick<Client, 'getState'> & { readonly options?: unknown }

/**
 * Checks, after `connect()`, that each open connection has been logged in by `provider`: the driver silently accepts a
 * server that never asks (AllowAllAuthenticator). It also goes on if one server refuses the login and another accepts
 * it. This function counts the connections that are open now; for that, `sslOptions` must be a profile of
 * @x/tls-profiles. Clients may share a profile if `secureClientOptions` made the options of each. A server that knows
 * its clients by their certificate and never asks (Cassandra 6) looks like one that accepts everybody:
 * `assertNotAnonymous` asks the servers themselves.
 * Errors: NOT_AUTHENTICATED, which names the servers; CANNOT_TELL without such a profile, if logins of earlier
 * connections or of other clients cannot be told apart from those of this client, and with `cloud`, where all servers
 * share one address; OPTION_INVALID for a provider that keeps no count, or a client that is not connected.
 */
export function assertAuthenticated(client: ConnectedClient, provider: object): void {
  const record = recordOf(provider)
  if (!record)
    throw authError('OPTION_INVALID', 'assertAuthenticated takes a provider of this family of packages.')
  if (routesByName(client.options)) {
    throw authError(
      'CANNOT_TELL',
      'All servers share one address behind a proxy that routes by name (cloud, SNI).',
    )
  }

  const state = client.getState()
  const hosts = state.getConnectedHosts()
  if (hosts.length === 0)
    throw authError('OPTION_INVALID', 'The client has no open connection; call connect() first.')
  const loginsAt = openLogins(client.options, record)
  const strangers = hosts
    .filter((host) => state.getOpenConnections(host) > (loginsAt ?? record.successes)(host.address))
    .map((host) => host.address)
  if (strangers.length > 0) {
    throw authError(
      'NOT_AUTHENTICATED',
      `Connected without a login: ${strangers.join(', ')}.${hintFor(record)}`,
      { endpoint: strangers[0] },
    )
  }
  if (!loginsAt) {
    throw authError(
      'CANNOT_TELL',
      'There were as many logins as there are connections, but which connections logged in is not known: use a profile of @x/tls-profiles as sslOptions. assertNotAnonymous(client) asks the servers.',
    )
  }
}

function hintFor({ mechanisms }: ProviderRecord): string {
  if (!mechanisms.includes('EXTERNAL')) return ''
  return ' Cassandra 6 accepts a client certificate without a login: assertNotAnonymous(client) asks the servers.'
}
