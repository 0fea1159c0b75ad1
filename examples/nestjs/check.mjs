/**
 * Starts the application with the embedded server. It answers, shuts its client down at its end, and does not listen after a
 * refused login.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { createCertificateAuthority, passwordAuthenticator, startTestServer } from '@x/auth-testserver'

const authority = await createCertificateAuthority()
const { chainPem: cert, keyPem: key } = await authority.issue({ names: ['127.0.0.1'] })
const server = await startTestServer({
  tls: { cert, key },
  authenticator: passwordAuthenticator({ users: { app: 'secret' } }),
})
try {
  await answers()
  await refused()
} finally {
  await server.stop()
}

async function answers() {
  const port = await freePort()
  const app = start(port, 'secret')
  const ended = once(app, 'exit')
  const ready = once(createInterface(app.stdout), 'line')
  assert.deepEqual(await Promise.race([ready, ended]), ['ready'])
  const response = await fetch(`http://127.0.0.1:${port}/version`, { headers: { connection: 'close' } })
  assert.match((await response.json()).version, /^\d/)
  assert.equal(server.logins[0].username, 'app')
  app.kill('SIGTERM')
  // Nest ends itself with the signal, after the client's shutdown.
  assert.deepEqual(await ended, [null, 'SIGTERM'])
}

async function refused() {
  const app = start(await freePort(), 'wrong')
  let said = ''
  app.stderr.on('data', (text) => {
    said += text
  })
  assert.deepEqual(await once(app, 'close'), [1, null])
  assert.match(said, /Check the user name and the password/)
}

function start(port, password) {
  return spawn(process.execPath, [new URL('dist/main.js', import.meta.url).pathname], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PORT: String(port),
      CASSANDRA_HOST: `127.0.0.1:${server.port}`,
      CASSANDRA_CA: authority.root.certPem,
      CASSANDRA_USERNAME: 'app',
      CASSANDRA_PASSWORD: password,
    },
  })
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  return port
}
