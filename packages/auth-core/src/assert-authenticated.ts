import type { Client } from 'cassandra-driver'
import { authError } from './errors.js'
import { type ProviderRecord, recordOf } from './provider-record.js'

/** As much of a Client as is needed. */
export type ConnectedClient = Pick<Client, 'getState'> & { readonly options?: unknown }

/**
 * Checks, after `connect()`, that each open connection has been logged in by `provider`: the driver accepts in silence
 * a server that never asks (AllowAllAuthenticator), and one that refused the login beside another that accepted it is
 * told apart only here. A server that knows its clients by their certificate and never asks (Cassandra 6) looks the
 * same from here: `assertNotAnonymous` asks the servers themselves.
 * Errors: NOT_AUTHENTICATED, which names the servers; CANNOT_TELL behind `cloud`, where all servers share one
 * address; OPTION_INVALID for a provider that keeps no count, or a client that is not connected.
 */
export function assertAuthenticated(client: ConnectedClient, provider: object): void {
  const record = recordOf(provider)
  if (!record)
    throw authError('OPTION_INVALID', 'assertAuthenticated takes a provider of this family of packages.')
  if (routesByName(client.options)) {
    throw authError(
      'CANNOT_TELL',
      'Behind a proxy that routes by name (cloud, SNI) all servers share one address.',
    )
  }

  const state = client.getState()
  const hosts = state.getConnectedHosts()
  if (hosts.length === 0)
    throw authError('OPTION_INVALID', 'The client has no open connection; call connect() first.')
  const strangers = hosts
    .filter((host) => state.getOpenConnections(host) > record.successes(host.address))
    .map((host) => host.address)
  if (strangers.length === 0) return
  throw authError(
    'NOT_AUTHENTICATED',
    `Connected without a login: ${strangers.join(', ')}.${hintFor(record)}`,
    { endpoint: strangers[0] },
  )
}

function hintFor({ mechanisms }: ProviderRecord): string {
  if (!mechanisms.includes('EXTERNAL')) return ''
  return ' Cassandra 6 takes a client certificate without a login: assertNotAnonymous(client) asks the servers.'
}

function routesByName(options: unknown): boolean {
  const { cloud, sni } = (options ?? {}) as { cloud?: unknown; sni?: unknown }
  return Boolean(cloud || sni)
}
