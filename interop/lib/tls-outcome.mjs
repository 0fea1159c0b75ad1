/** The outcome of a TLS connection in one word. */
import { explainTlsError } from '@x/tls-profiles'
import { createClient } from './clients.mjs'

/** @typedef {Parameters<typeof createClient>[0]} Server */

/**
 * Connects with the driver and runs one query. Returns what is wrong with TLS; undefined if nothing is wrong.
 * @param {Server} server
 * @param {Partial<import('./clients.mjs').ClientOptions>} options
 * @throws errors that have nothing to do with TLS
 */
export async function diagnosis(server, options) {
  const client = createClient(server, options)
  try {
    await client.connect()
    await client.execute('SELECT key FROM system.local')
    return undefined
  } catch (error) {
    const found = explainTlsError(error, options.sslOptions ?? null)
    if (!found) throw error
    return found
  } finally {
    await client.shutdown()
  }
}

/** 'connects', or the code from explainTlsError. @type {(...args: Parameters<typeof diagnosis>) => Promise<string>} */
export async function outcome(server, options) {
  return (await diagnosis(server, options))?.code ?? 'connects'
}
