/**
 * Run with a way to log in as JSON: logs in, and prints which packages of AWS have been loaded by then, as JSON; `null`
 * imports only.
 */
require('./typescript.cjs')
const { SigV4AuthProvider, keyspaces } = require('@x/auth-sigv4')

const options = JSON.parse(process.argv[2])
if (options) {
  keyspaces({ region: 'us-east-1', accessKeyId: 'A', secretAccessKey: 's' })
  const exchange = new SigV4AuthProvider(options).newAuthenticator('127.0.0.1:9142', 'x')
  const challenge = Buffer.from(`nonce=${'0'.repeat(32)}`)
  exchange.initialResponse((error) => {
    if (error) throw error
    exchange.evaluateChallenge(challenge, (failure) => {
      if (failure) throw failure
      exchange.onAuthenticationSuccess()
      print()
    })
  })
} else print()

function print() {
  const names = Object.keys(require.cache).map(
    (file) => /node_modules\/(@(?:aws-sdk|smithy)\/[^/]+)\/(?!.*node_modules)/.exec(file)?.[1],
  )
  console.log(JSON.stringify([...new Set(names.filter(Boolean))].sort()))
}
