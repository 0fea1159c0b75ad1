/** A server that verifies signatures, AWS's plugin for Node.js, and a minimal client. */
import { createHash, createHmac, createSecretKey, hash } from 'node:crypto'
import { existsSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { installPeer } from './peers.mjs'

// Modules load on use: the process of one subject does not load the code of another.
const require = createRequire(import.meta.url)

export const region = 'us-east-1'
export const keys = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}

/** @returns {Promise<import('./row.mjs').Running>} `info`: the options of a Client, and the folder of AWS's plugin */
export async function sigV4Server() {
  const { SigV4KeyStore, sigV4Authenticator, startTestServer } = await import('@x/auth-testserver')
  const server = await startTestServer({
    authenticator: sigV4Authenticator({ keys: new SigV4KeyStore([keys]), region }),
    transcriptLimit: 1,
  })
  return { info: { options: server.clientOptions, plugin: awsPlugin() }, stop: () => server.stop() }
}

/** Replaces the plugin's copy of the driver with ours, because a driver accepts only providers of its own copy. */
export function awsPlugin() {
  const folder = installPeer('aws-sigv4-auth-cassandra-plugin')
  const theirs = join(folder, 'node_modules', 'cassandra-driver')
  const ours = realpathSync(dirname(require.resolve('cassandra-driver/package.json')))
  if (!existsSync(theirs) || realpathSync(theirs) !== ours) {
    rmSync(theirs, { recursive: true, force: true })
    symlinkSync(ours, theirs, 'dir')
  }
  return folder
}

/** @param {string} folder */
export function pluginRequire(folder) {
  process.env['AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE'] = '1'
  return createRequire(join(folder, 'package.json'))
}

/**
 * Makes a provider that calls `fetched` each time it fetches credentials.
 * @typedef {(fetched: () => void) => import('cassandra-driver').auth.AuthProvider} MakeProvider
 */

/** @type {MakeProvider} */
export function ourProvider(fetched) {
  const { SigV4AuthProvider } = /** @type {typeof import('@x/auth-sigv4')} */ (require('@x/auth-sigv4'))
  const credentials = async () => {
    fetched()
    return keys
  }
  return new SigV4AuthProvider({ region, credentials })
}

/** @param {string} folder @returns {MakeProvider} */
export function pluginProvider(folder) {
  const { SigV4AuthProvider } = pluginRequire(folder)('aws-sigv4-auth-cassandra-plugin')
  return (fetched) => {
    const provider = new SigV4AuthProvider({ region, ...keys })
    const resolve = provider.chain.resolvePromise.bind(provider.chain)
    provider.chain.resolvePromise = () => {
      fetched()
      return resolve()
    }
    return provider
  }
}

/** A minimal login with the key of the day: no deadline, no checks, no errors. @type {MakeProvider} */
export function leastProvider(fetched) {
  const { auth } = /** @type {any} */ (require('cassandra-driver'))
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '')
  const scope = `${day}/${region}/cassandra/aws4_request`
  const key = createSecretKey(derivedKey(scope))
  const head = `PUT\n/authenticate\nX-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${keys.accessKeyId}%2F${encodeURIComponent(scope)}&X-Amz-Date=`
  const tail = '&X-Amz-Expires=900\nhost:cassandra\n\nhost\n'
  const first = Buffer.from('SigV4\0\0')
  fetched()

  class Least extends auth.Authenticator {
    /** @param {(error: null, token: Buffer) => void} callback */
    initialResponse(callback) {
      callback(null, first)
    }

    /** @param {Buffer} challenge @param {(error: null, token: Buffer) => void} callback */
    evaluateChallenge(challenge, callback) {
      const date = new Date().toISOString()
      const request = `${head}${date.replaceAll(':', '%3A')}${tail}${sha256(challenge.subarray('nonce='.length))}`
      const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(request)}`
      const signature = createHmac('sha256', key).update(text).digest('hex')
      callback(null, Buffer.from(`signature=${signature},access_key=${keys.accessKeyId},amzdate=${date}`))
    }
  }
  class LeastProvider extends auth.AuthProvider {
    newAuthenticator() {
      return new Least()
    }
  }
  return /** @type {any} */ (new LeastProvider())
}

/**
 * The subjects of the rows about logins. `measure` gets the function that makes the provider of each.
 * @param {(context: import('./row.mjs').Context, make: MakeProvider) => ReturnType<import('./row.mjs').Subject['measure']>} measure
 * @returns {Record<string, import('./row.mjs').Subject>}
 */
export function sigV4Subjects(measure) {
  return {
    least: {
      title: 'the least: a provider of thirty lines',
      measure: (context) => measure(context, leastProvider),
    },
    ours: { title: '@x/auth-sigv4', measure: (context) => measure(context, ourProvider) },
    aws: {
      title: "AWS's plugin for Node.js, 1.0.5",
      measure: (context) => measure(context, pluginProvider(context.shared.plugin)),
    },
  }
}

/** @param {string} scope */
export function derivedKey(scope) {
  const hmac = (/** @type {Buffer} */ key, /** @type {string} */ text) =>
    createHmac('sha256', key).update(text).digest()
  return scope.split('/').reduce(hmac, Buffer.from(`AWS4${keys.secretAccessKey}`))
}

/** The type of Node's function. @type {(data: string | Buffer) => string} */
export const sha256 =
  typeof hash === 'function'
    ? (data) => hash('sha256', data)
    : (data) => createHash('sha256').update(data).digest('hex')
