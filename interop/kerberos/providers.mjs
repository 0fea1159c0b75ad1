/** Providers of GSSAPI: ours, and the driver's own, which has none of our guards. */
import { createRequire, Module } from 'node:module'
import { dirname } from 'node:path'
import { SaslAuthProvider } from '@x/auth-sasl'

/** `found`: ours, which finds npm `kerberos` itself. @typedef {'ours' | 'found' | 'stock'} Kind */
/** @typedef {import('../sasl/conversation.mjs').Provider} Provider */

/**
 * @param {Kind} kind
 * @param {object} options `{ host }` and more
 * @param {unknown} kerberos the module
 * @param {string} path its folder
 * @returns {Provider}
 */
export function gssapiProvider(kind, options, kerberos, path) {
  if (kind === 'stock') return stockProvider(options, path)
  if (kind === 'found') findable(path)
  return new SaslAuthProvider(
    /** @type {import('@x/auth-sasl').SaslAuthOptions} */ ({
      mechanism: 'GSSAPI',
      ...(kind === 'ours' && { kerberos }),
      ...options,
    }),
  )
}

/** `host`: a name, or a map from addresses. @param {any} options @param {string} path of npm `kerberos`, which it requires */
export function stockProvider({ host, service = 'cassandra', ...options }, path) {
  findable(path)
  const { auth } = createRequire(import.meta.url)('cassandra-driver')
  /** @param {string} address @param {(error: null, name: string) => void} callback */
  const hostNameResolver = (address, callback) =>
    callback(null, typeof host === 'string' ? host : host[address])
  return new auth.DseGssapiAuthProvider({ service, hostNameResolver, ...options })
}

/** For every `require('kerberos')` of this process. @param {string} path */
function findable(path) {
  /** @type {any} */
  const loader = Module
  process.env['NODE_PATH'] = dirname(path)
  // Has it read NODE_PATH again.
  loader._initPaths()
}
