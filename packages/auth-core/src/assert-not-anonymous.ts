import type { Client } from 'cassandra-driver'
import { type AuthError, authError, isAuthError } from './errors.js'
import { kindOf } from './lib/error-kind.js'

/** The part of a Client that is needed. */
export type AskingClient = Pick<Client, 'getState' | 'execute'>

type Host = ReturnType<ReturnType<Client['getState']>['getConnectedHosts']>[number]

/** CQL native protocol v4 §9: what the server answers to a client without permission. */
const unauthorized = 0x2100

/**
 * Asks each connected server, after `connect()`, whether it knows who the client is. Any role may LIST ROLES; an
 * anonymous client may not, and with AllowAllAuthenticator every client is anonymous. Use this if a server logs clients
 * in without asking them, as Cassandra 6 does by their certificate. It works with passwords too. Bounded by the
 * client's `socketOptions.readTimeout` for each server.
 * Errors: NOT_AUTHENTICATED, which names the servers; CANNOT_TELL if one answers something else (its own error is the
 * `cause`); OPTION_INVALID for a client that is not connected.
 */
export async function assertNotAnonymous(client: AskingClient): Promise<void> {
  const hosts = client.getState().getConnectedHosts()
  if (hosts.length === 0)
    throw authError('OPTION_INVALID', 'The client has no open connection; call connect() first.')
  const answers = await Promise.all(hosts.map((host) => ask(client, host)))
  const anonymous = hosts.flatMap(({ address }, index) => (answers[index] === 'anonymous' ? address : []))
  if (anonymous.length > 0) {
    throw authError('NOT_AUTHENTICATED', `Anonymous on: ${anonymous.join(', ')}.`, { endpoint: anonymous[0] })
  }
  const unclear = answers.find(isAuthError)
  if (unclear) throw unclear
}

async function ask(client: AskingClient, host: Host): Promise<'known' | 'anonymous' | AuthError> {
  try {
    await client.execute('LIST ROLES', [], { host })
    return 'known'
  } catch (error) {
    if ((error as { code?: unknown } | undefined)?.code === unauthorized) return 'anonymous'
    const problem = `${host.address} does not say whether it knows this client, but answers with ${kindOf(error)}.`
    return authError('CANNOT_TELL', problem, {
      endpoint: host.address,
      cause: error,
    })
  }
}
