/**
 * Logs in through the connection record, with the Node.js that runs this and the driver in the folder DRIVER, and checks the
 * promises of the record on TLS 1.2 and 1.3. Prints one line of JSON: how often each promise was tried and kept.
 *
 *   DRIVER=… node --require ./scripts/typescript.cjs scripts/matrix/logins.cjs
 */
const Module = require('node:module')

const { DRIVER } = process.env
const resolve = Module._resolveFilename
// The sources import the installed driver; this replaces it.
Module._resolveFilename = function (request, ...rest) {
  return resolve.call(this, request === 'cassandra-driver' ? DRIVER : request, ...rest)
}

/** Each login uses one connection. */
const times = 10
const users = { alice: 'correct horse' }
const alice = { username: 'alice', password: 'correct horse' }
const PLUS = 'SCRAM-SHA-256-PLUS'

main().then(
  (result) => {
    console.log(JSON.stringify(result))
    process.exit()
  },
  (error) => {
    console.log(JSON.stringify({ fails: String(error?.message ?? error).split('\n')[0] }))
    process.exit()
  },
)

async function main() {
  const { Client } = require('cassandra-driver')
  const { findAuthError, secureClientOptions } = require('@x/auth-core')
  const { SaslAuthProvider } = require('@x/auth-sasl')
  const server = require('@x/auth-testserver')
  const { verifyServer } = require('@x/tls-profiles')
  const { ca, server: own } = await server.createCertificates()
  const tls = { cert: own.chainPem, key: own.keyPem }
  const running = await server.startTestServer({ tls })
  const scram = (/** @type {object} */ more) =>
    server.saslAuthenticator(server.scramServer({ users, proofIn: 'success', ...more }))

  /** @param {string} maxVersion @param {object} authenticator @param {object} options */
  async function login(maxVersion, authenticator, options) {
    running.setTls({ ...tls, maxVersion })
    running.setAuthenticator(authenticator)
    const client = new Client(
      secureClientOptions({
        ...running.clientOptions,
        authProvider: new SaslAuthProvider({ ...alice, ...options }),
        sslOptions: verifyServer({ ca: ca.certPem }),
        protocolOptions: { ...running.clientOptions.protocolOptions, maxVersion: 4 },
        pooling: { heartBeatInterval: 0 },
      }),
    )
    try {
      await client.connect()
      await client.execute('SELECT release_version FROM system.local')
      return 'logged in'
    } catch (error) {
      return String(findAuthError(error)?.code ?? error)
    } finally {
      await client.shutdown()
    }
  }

  const bare = { mechanism: 'SCRAM-SHA-256' }
  const both = ['TLSv1.2', 'TLSv1.3']
  /** @type {Record<string, [readonly string[], object, object, string]>} */
  const promises = {
    proof: [both, scram({}), bare, 'logged in'],
    'wrong proof': [both, scram({ lie: 'signature-wrong' }), bare, 'SERVER_NOT_VERIFIED'],
    'no proof': [both, scram({ lie: 'signature-missing' }), bare, 'SERVER_NOT_VERIFIED'],
    'end point': [both, scram({ mechanism: PLUS }), { mechanism: PLUS }, 'logged in'],
    exporter: [
      ['TLSv1.3'],
      scram({ mechanism: PLUS }),
      { mechanism: PLUS, channelBindingType: 'tls-exporter' },
      'logged in',
    ],
    refusal: [both, scram({}), { ...bare, password: 'guess' }, 'LOGIN_REFUSED'],
    unasked: [both, server.allowAllAuthenticator(), bare, 'NOT_AUTHENTICATED'],
  }
  /** @type {Record<string, { tried: number, kept: number, instead?: string }>} */
  const result = {}
  for (const [name, [versions, authenticator, options, expected]] of Object.entries(promises)) {
    const row = { tried: 0, kept: 0 }
    result[name] = row
    for (const version of versions)
      for (let time = 0; time < times; time++) {
        const outcome = await login(version, authenticator, options)
        row.tried++
        if (outcome === expected) row.kept++
        else Object.assign(row, { instead: outcome })
      }
  }
  await running.stop()
  return result
}
