/**
 * The applications that are bundled. Each logs in with one of our packages and prints `logged in`. The other packages are in
 * `notBundled` with the reason. docs/releases.md gives the reason too.
 */

export const notBundled = {
  '@x/auth-doctor': 'it is a command',
  '@x/auth-conformance': 'it is a test suite that starts its own files as processes',
}

/** @param {string} imports @param {string} port @param {string} authProvider @param {string} [closed] what to close at the end */
const login = (imports, port, authProvider, closed) => `
import { Client } from 'cassandra-driver'
import { verifyServer } from '@x/tls-profiles'
${imports}
const client = new Client({
  contactPoints: ['127.0.0.1'],
  localDataCenter: 'datacenter1',
  protocolOptions: { port: Number(process.env.${port}) },
  sslOptions: verifyServer({ ca: process.env.CA }),
  authProvider: ${authProvider},
})
client.connect().then(() => client.shutdown())${closed ? `.then(() => ${closed}.close())` : ''}.then(() => console.log('logged in'))
`

export const applications = {
  '@x/auth-plaintext': login(
    "import { PlainTextAuthProvider } from '@x/auth-plaintext'",
    'PLAIN_PORT',
    "new PlainTextAuthProvider('app', process.env.PASSWORD)",
  ),
  '@x/auth-core': login(
    `import { cached, fromEnv } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
process.env.NAME = 'app'`,
    'PLAIN_PORT',
    "new PlainTextAuthProvider({ credentials: cached(fromEnv({ username: 'NAME', password: 'PASSWORD' })) })",
  ),
  '@x/auth-sasl': login(
    "import { SaslAuthProvider } from '@x/auth-sasl'",
    'SCRAM_PORT',
    "new SaslAuthProvider({ mechanism: 'SCRAM-SHA-256', username: 'app', password: process.env.PASSWORD })",
  ),
  '@x/auth-sigv4': login(
    "import { SigV4AuthProvider } from '@x/auth-sigv4'",
    'SIGV4_PORT',
    'new SigV4AuthProvider({ region: process.env.AWS_REGION })',
  ),
  '@x/auth-oidc': login(
    `import { cached } from '@x/auth-core'
import { clientCredentials } from '@x/auth-oidc'
import { SaslAuthProvider } from '@x/auth-sasl'
const token = clientCredentials({ issuer: process.env.ISSUER, clientId: 'app', clientSecret: 'of-the-bundle' })`,
    'TOKEN_PORT',
    "new SaslAuthProvider({ mechanism: 'OAUTHBEARER', credentials: cached(token) })",
  ),
  '@x/auth-vault': login(
    `import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { vaultAppRole, vaultDatabase } from '@x/auth-vault'
const auth = vaultAppRole({ roleId: '675a50e7-cfe0-be76-e35f-49ec009731ea', secretId: 'ed0a642f-2acf-c2da-232f-1b21300d5f29' })
const credentials = vaultDatabase({ address: process.env.VAULT_ADDR, role: 'app', auth })`,
    'PLAIN_PORT',
    'new PlainTextAuthProvider({ credentials })',
    'credentials',
  ),
  '@x/auth-testserver': `
import { createCertificateAuthority, passwordAuthenticator, startTestServer } from '@x/auth-testserver'
import { auth, Client } from 'cassandra-driver'
async function main() {
  const authority = await createCertificateAuthority()
  const { chainPem: cert, keyPem: key } = await authority.issue({ names: ['127.0.0.1'] })
  const server = await startTestServer({ authenticator: passwordAuthenticator({ users: { app: 'secret' } }), tls: { cert, key } })
  const sslOptions = { ca: authority.root.certPem, rejectUnauthorized: true }
  const client = new Client({ ...server.clientOptions, sslOptions, authProvider: new auth.PlainTextAuthProvider('app', 'secret') })
  await client.connect()
  await client.shutdown()
  await server.stop()
  console.log('logged in')
}
main()
`,
}
