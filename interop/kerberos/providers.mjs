/** Providers of GSSAPI: ours, and the driver's own, which does not have our checks. */
import { createRequire, Module } from 'node:module'
import { dirname } from 'node:path'
import { SaslAuthProvider } from '@x/auth-sasl'

/** `found`: our provider, which finds npm `kerberos` without an option. @typedef {'ours' | 'found' | 'stock'} Kind */
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

/** Applies to every `require('kerberos')` of this process. @param {string} path */
function findable(path) {
  /** @type {any} */
  const loader = Module
  process.env['NODE_PATH'] = dirname(path)
  // Makes Node.js read NODE_PATH again.
  loader._initPaths()
}
