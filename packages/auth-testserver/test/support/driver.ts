import type { ClientOptions } from 'cassandra-driver'
import { auth, Client } from 'cassandra-driver'
import type { TestServer } from '../../src/index.js'

/** The password users of most tests. */
export const users = { cassandra: 'cassandra', alice: 'wonder land ✓' }

/** A stock client for the server, without a timer that stays after it. */
export function stockClient(server: TestServer, options: ClientOptions = {}): Client {
  const { protocolOptions, pooling, socketOptions, ...rest } = options
  return new Client({
    ...server.clientOptions,
    protocolOptions: { ...server.clientOptions.protocolOptions, ...protocolOptions },
    pooling: { heartBeatInterval: 0, ...pooling },
    socketOptions: { readTimeout: 5000, connectTimeout: 5000, ...socketOptions },
    ...rest,
  })
}

/** The same with a user name and a password. */
export function loginClient(
  server: TestServer,
  [username, password]: [string, string] = ['cassandra', users.cassandra],
  options: ClientOptions = {},
): Client {
  return stockClient(server, { authProvider: new auth.PlainTextAuthProvider(username, password), ...options })
}

/** An error of the driver's connect(), with the error of each host. */
export interface ConnectError extends Error {
  innerErrors: Record<string, Error & { code?: number; additionalInfo?: { code: number; message: string } }>
}

/** The only inner error of a connect() that must fail. */
export async function connectError(client: Client): Promise<ConnectError['innerErrors'][string]> {
  const error = await client.connect().then(
    () => undefined,
    (reason: ConnectError) => reason,
  )
  await client.shutdown()
  if (error === undefined) throw new Error('connect() succeeded')
  const [inner] = Object.values(error.innerErrors ?? {})
  if (inner === undefined) throw error
  return inner
}
