/**
 * Run with a way to log in as JSON: logs in, and prints what has been loaded by then, as JSON: `aws`, the packages of
 * AWS, and `ours`, the files of this repository. `null` imports only.
 */
const { join, relative, sep } = require('node:path')
require('../../../../scripts/typescript.cjs')
const { SigV4AuthProvider, keyspaces } = require('@x/auth-sigv4')

const options = JSON.parse(process.argv[2])
if (options) {
  keyspaces({ region: 'us-east-1', accessKeyId: 'A', secretAccessKey: 's' })
  const exchange = new SigV4AuthProvider(options).newAuthenticator('127.0.0.1:9142', 'x')
  const challenge = Buffer.from(`nonce=${'0'.repeat(32)}`)
  exchange.initialResponse((error) => {
    if (error) return fail(error)
    exchange.evaluateChallenge(challenge, (failure) => {
      if (failure) return fail(failure)
      exchange.onAuthenticationSuccess()
      print()
    })
  })
} else print()

function print() {
  const files = Object.keys(require.cache)
  const aws = files.map(
    (file) => /node_modules\/(@(?:aws-sdk|smithy)\/[^/]+)\/(?!.*node_modules)/.exec(file)?.[1],
  )
  const packages = join(__dirname, '..', '..', '..')
  const ours = files
    .map((file) => relative(packages, file).split(sep).join('/'))
    .filter((file) => /^[^.]\S*\/src\//.test(file))
  console.log(JSON.stringify({ aws: [...new Set(aws.filter(Boolean))].sort(), ours: ours.sort() }))
}

/** A throw would end up in the provider. */
function fail(error) {
  console.error(error)
  process.exit(1)
}
