/**
 * Starts the servers that the applications log in to, bundled or installed, in a process of their own. It prints the
 * environment of the applications as one line of JSON, and ends when its standard input ends.
 */
import {
  createCertificateAuthority,
  oauthBearerServer,
  passwordAuthenticator,
  SigV4KeyStore,
  saslAuthenticator,
  scramServer,
  sigV4Authenticator,
  startTestServer,
} from '@x/auth-testserver'
import { startIssuer, startVault } from './services.mjs'

const region = 'eu-central-1'
const users = { app: 'secret' }
const authority = await createCertificateAuthority()
const { chainPem: cert, keyPem: key } = await authority.issue({
  names: ['127.0.0.1', `cassandra.${region}.amazonaws.com`],
})
const keys = new SigV4KeyStore()
const issued = keys.issue({ principal: 'arn:aws:iam::123456789012:user/app' })
const tls = { cert, key }
const tokens = new Map()
const issuer = await startIssuer(tokens)
const vault = await startVault(users)
const servers = {
  PLAIN_PORT: await startTestServer({ authenticator: passwordAuthenticator({ users }), tls }),
  SCRAM_PORT: await startTestServer({
    authenticator: saslAuthenticator(scramServer({ users })),
    tls,
  }),
  TOKEN_PORT: await startTestServer({ authenticator: saslAuthenticator(oauthBearerServer({ tokens })), tls }),
  SIGV4_PORT: await startTestServer({ authenticator: sigV4Authenticator({ keys, region }), tls }),
}
const ports = Object.entries(servers).map(([name, { clientOptions }]) => [
  name,
  String(clientOptions.protocolOptions.port),
])
console.log(
  JSON.stringify({
    ...Object.fromEntries(ports),
    CA: authority.root.certPem,
    PASSWORD: users.app,
    ISSUER: issuer.url,
    VAULT_ADDR: vault.url,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: issued.accessKeyId,
    AWS_SECRET_ACCESS_KEY: issued.secretAccessKey,
    AWS_SESSION_TOKEN: issued.sessionToken,
  }),
)

process.stdin.resume().once('end', async () => {
  for (const server of [...Object.values(servers), issuer, vault]) await server.stop()
})
