/** Runs the recipes, with files in a folder instead of the volumes, and an embedded server instead of the cluster. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createCertificateAuthority, passwordAuthenticator, startTestServer } from '@x/auth-testserver'
import { verifyServer } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'
import { kubernetesClient } from './kubernetes.mjs'
import { vaultAgentProvider } from './vault-agent.mjs'

const folder = mkdtempSync(join(tmpdir(), 'recipes-'))
const authority = await createCertificateAuthority()
const { chainPem: cert, keyPem: key } = await authority.issue({ names: ['127.0.0.1'] })
const users = { app: 'secret' }
const server = await startTestServer({
  tls: { cert, key, ca: authority.root.certPem, requestClientCertificate: 'request' },
  authenticator: passwordAuthenticator({ users }),
})
const contactPoint = `127.0.0.1:${server.port}`
const ca = write('tls/ca.crt', authority.root.certPem)

try {
  await kubernetes()
  await vaultAgent()
  await express()
} finally {
  await server.stop()
  rmSync(folder, { recursive: true })
}

async function kubernetes() {
  const client = await authority.issue({ commonName: 'app', usage: 'client' })
  write('tls/tls.crt', client.chainPem)
  write('tls/tls.key', client.keyPem)
  write('login/username', 'app')
  write('login/password', 'secret')
  await connectAndLeave(kubernetesClient(folder, contactPoint))
  assert.equal(server.logins.at(-1).username, 'app')
}

async function vaultAgent() {
  users['v-token-app-1'] = 'of the lease'
  const file = write('login.json', JSON.stringify({ username: 'v-token-app-1', password: 'of the lease' }))
  const authProvider = vaultAgentProvider(file)
  const sslOptions = verifyServer({ ca })
  await connectAndLeave(
    new Client({ contactPoints: [contactPoint], localDataCenter: 'datacenter1', authProvider, sslOptions }),
  )
  assert.equal(server.logins.at(-1).username, 'v-token-app-1')
}

async function express() {
  const port = await freePort()
  const env = {
    ...process.env,
    CASSANDRA_HOST: contactPoint,
    CASSANDRA_USERNAME: 'app',
    CASSANDRA_PASSWORD: 'secret',
    CASSANDRA_CA: ca,
    PORT: String(port),
  }
  const child = spawn(process.execPath, [join(import.meta.dirname, 'express.cjs')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const first = new Promise((resolve) => createInterface(child.stdout).once('line', resolve))
  assert.equal(await Promise.race([first, ended]), 'ready')
  const response = await fetch(`http://127.0.0.1:${port}/version`, { headers: { connection: 'close' } })
  assert.match((await response.json()).version, /^\d/)
  child.kill('SIGTERM')
  assert.equal(await ended, 0)
}

async function connectAndLeave(client) {
  await client.connect()
  await client.shutdown()
}

function write(file, content) {
  const path = join(folder, file)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  return path
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}
