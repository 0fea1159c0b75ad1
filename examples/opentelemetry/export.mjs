/**
 * Runs app.mjs with a receiver of OTLP instead of a collector. Checks that spans and metrics arrive, and that they contain
 * no password. interop/suites/recipes.mjs tests them with a real collector.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createCertificateAuthority, passwordAuthenticator, startTestServer } from '@x/auth-testserver'

const password = 'secret-of-the-example'
const authority = await createCertificateAuthority()
const { chainPem: cert, keyPem: key } = await authority.issue({ names: ['127.0.0.1'] })
const server = await startTestServer({
  tls: { cert, key },
  authenticator: passwordAuthenticator({ users: { app: password } }),
})
/** Maps a path to the bodies that it received. @type {Record<string, Buffer[]>} */
const received = {}
const receiver = createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray())
  received[request.url] = [...(received[request.url] ?? []), body]
  response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
})
await once(receiver.listen(0, '127.0.0.1'), 'listening')
try {
  const app = spawn(process.execPath, [new URL('app.mjs', import.meta.url).pathname], {
    stdio: 'inherit',
    env: {
      PORT: String(server.port),
      CA: authority.root.certPem,
      USER_NAME: 'app',
      PASSWORD: password,
      OTEL_SERVICE_NAME: 'orders',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${receiver.address().port}`,
    },
  })
  assert.deepEqual(await once(app, 'exit'), [0, null])
  const spans = Buffer.concat(received['/v1/traces'] ?? [])
  const metrics = Buffer.concat(received['/v1/metrics'] ?? [])
  for (const name of ['orders', 'cassandra login', 'cassandra credentials', 'LOGIN_REFUSED'])
    assert.ok(spans.includes(name), `no span says ${name}`)
  for (const name of ['orders', 'auth.logins', 'auth.credentials.fetches'])
    assert.ok(metrics.includes(name), `no metric says ${name}`)
  for (const body of [spans, metrics])
    for (const secret of [password, 'of last year']) assert.ok(!body.includes(secret))
} finally {
  receiver.closeAllConnections()
  receiver.close()
  await server.stop()
}
