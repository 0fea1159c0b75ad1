import { Client, type ClientOptions } from 'cassandra-driver'
import type { TlsProfile } from '../../src/index.js'

/** Connects the stock driver, runs one query, and returns the result. */
export async function connectClient(
  port: number,
  sslOptions: TlsProfile | ClientOptions['sslOptions'] | undefined,
  host = '127.0.0.1',
  options: Partial<ClientOptions> = {},
): Promise<{ error?: Error & { innerErrors?: Record<string, Error & { code?: string }> } }> {
  const client = new Client({
    contactPoints: [host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`],
    localDataCenter: 'dc1',
    ...(sslOptions ? { sslOptions } : {}),
    // A refused connection would keep its heartbeat for 30 s after shutdown().
    pooling: { heartBeatInterval: 0 },
    ...options,
  })
  try {
    await client.connect()
    await client.execute('SELECT * FROM system.local')
    return {}
  } catch (error) {
    return { error: error as Error }
  } finally {
    await client.shutdown()
  }
}

/** The error of the one host. */
export function innerError(result: { error?: Error & { innerErrors?: Record<string, Error> } }) {
  const [inner] = Object.values(result.error?.innerErrors ?? {})
  return (inner ?? result.error) as (Error & { code?: string }) | undefined
}
