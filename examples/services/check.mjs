/**
 * Runs each answer as a separate program with an embedded server. Only `standIns` is changed, because the addresses, files
 * and CAs of the services are not available. There is no test server like DataStax Astra: that program runs until it needs
 * its bundle.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  createCertificateAuthority,
  passwordAuthenticator,
  SigV4KeyStore,
  sigV4Authenticator,
  startTestServer,
} from '@x/auth-testserver'
import { services } from '../../scripts/services.mjs'

const { dirname: here } = import.meta
const region = 'eu-central-1'
const folder = mkdtempSync(join(tmpdir(), 'services-'))
const authority = await createCertificateAuthority()
const names = [
  '127.0.0.1',
  `cassandra.${region}.amazonaws.com`,
  'shop.cassandra.cosmos.azure.com',
  'shop.aivencloud.com',
  'shop-dc1-service',
]
const { chainPem: cert, keyPem: key } = await authority.issue({ names })
const ca = write('ca.pem', authority.root.certPem)
const token = 'a.token.of-the-issuer'
const users = {
  'app-at-123456789012': 'secret',
  shop: 'the primary key',
  cassandra: 'secret',
  iccassandra: 'secret',
  avnadmin: 'secret',
  scylla: 'secret',
  superuser: 'secret',
  app: 'secret',
}
const keys = new SigV4KeyStore()
const issued = keys.issue({ principal: 'arn:aws:iam::123456789012:user/app' })
const tls = { cert, key }
const byPassword = await startTestServer({ authenticator: passwordAuthenticator({ users }), tls })
const byToken = await startTestServer({
  authenticator: passwordAuthenticator({ users: { app: token } }),
  tls,
})
const bySignature = await startTestServer({ authenticator: sigV4Authenticator({ keys, region }), tls })
const issuer = await startIssuer()
write('superuser/username', 'superuser')
write('superuser/password', 'secret')
const clientSecret = write('client-secret', 'of the example')

/** The user that must have logged in, for services with another kind of login. */
const servers = { keyspaces: bySignature, yugabyte: byToken }
const environment = {
  ...process.env,
  AWS_ACCESS_KEY_ID: issued.accessKeyId,
  AWS_SECRET_ACCESS_KEY: issued.secretAccessKey,
  AWS_SESSION_TOKEN: issued.sessionToken,
}

try {
  await compile()
  const files = readdirSync(here).filter((file) => file.endsWith('.mjs') && file !== 'check.mjs')
  assert.deepEqual(services.map(({ id }) => `${id}.mjs`).sort(), files.sort())
  for (const { id } of services) {
    if (id === 'astra') await noBundle()
    else await logsIn(id)
    console.log(`✓ ${id}`)
  }
} finally {
  for (const server of [byPassword, byToken, bySignature]) await server.stop()
  issuer.close()
  rmSync(folder, { recursive: true })
}

function compile() {
  const tsc = createRequire(join(here, '../../package.json')).resolve('typescript/bin/tsc')
  return run([tsc, '-p', here])
}

async function logsIn(id) {
  const server = servers[id] ?? byPassword
  const before = server.logins.length
  await run(['--input-type=module', '--eval', `${withStandIns(id, server)}\nawait client.shutdown()`])
  assert.ok(server.logins.length > before, `${id} has not logged in`)
}

/** The error says which file is missing, and where. */
async function noBundle() {
  const failed = await run(['--input-type=module', '--eval', program('astra')]).catch((error) => error)
  assert.match(
    failed.stderr ?? '',
    /FILE_MISSING[\s\S]*secure-connect\.zip|secure-connect\.zip[\s\S]*FILE_MISSING/,
  )
}

function withStandIns(id, { port }) {
  const client = `client: { contactPoints: ['127.0.0.1:${port}'], localDataCenter: 'datacenter1' }`
  return [
    [/contactPoints: \['[^']+'\]/, `contactPoints: ['127.0.0.1:${port}']`],
    [/localDataCenter: '[^']+'/, "localDataCenter: 'datacenter1'"],
    [/'(?:\/etc\/tls\/)?[\w-]*ca(?:-certificate)?\.(?:pem|crt)'/, `'${ca}'`],
    ["account: 'shop' }", `account: 'shop', ca: '${ca}' }`],
    ["keyspaces({ region: 'eu-central-1' }),\n", `keyspaces({ region: 'eu-central-1', ca: '${ca}' }),\n`],
    [
      "new Client(keyspaces({ region: 'eu-central-1' }))",
      `new Client(keyspaces({ region: '${region}', ca: '${ca}', ${client} }))`,
    ],
    ["'/etc/superuser'", `'${join(folder, 'superuser')}'`],
    ['https://login.example.com', `http://127.0.0.1:${issuer.address().port}`],
    ["clientId: 'app',", "clientId: 'app',\n  allowCleartextHttp: true,"],
    ["'client-secret'", `'${clientSecret}'`],
  ].reduce((text, [from, to]) => text.replace(from, to), program(id))
}

function program(id) {
  return readFileSync(join(here, `${id}.mjs`), 'utf8')
}

function run(args) {
  return promisify(execFile)(process.execPath, args, { cwd: here, env: environment, timeout: 120_000 })
}

function write(file, content) {
  const path = join(folder, file)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  return path
}

async function startIssuer() {
  const server = createServer((request, response) => {
    const { port } = server.address()
    const url = `http://127.0.0.1:${port}`
    const answer = request.url?.includes('well-known')
      ? { issuer: url, token_endpoint: `${url}/token` }
      : { access_token: token, token_type: 'Bearer', expires_in: 3600 }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
