/** The applications that are bundled: each logs in with one of our packages and prints `logged in`. */

/** @param {string} imports @param {string} port @param {string} authProvider */
const login = (imports, port, authProvider) => `
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
client.connect().then(() => client.shutdown()).then(() => console.log('logged in'))
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
  '@x/auth-vault': login(
    `import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { vaultAppRole, vaultDatabase } from '@x/auth-vault'
const auth = vaultAppRole({ roleId: 'app', secretId: 'of-the-example' })`,
    'PLAIN_PORT',
    "new PlainTextAuthProvider({ credentials: vaultDatabase({ address: process.env.VAULT_ADDR, role: 'app', auth }) })",
  ),
  '@x/auth-oidc': login(
    `import { cached } from '@x/auth-core'
import { clientCredentials } from '@x/auth-oidc'
import { SaslAuthProvider } from '@x/auth-sasl'
const tokens = clientCredentials({ issuer: process.env.ISSUER, clientId: 'app', clientSecret: 'of the example' })`,
    'TOKEN_PORT',
    "new SaslAuthProvider({ mechanism: 'OAUTHBEARER', credentials: cached(tokens) })",
  ),
}
