/**
 * The recipes with programs that we did not write: spans and metrics for a collector of OpenTelemetry, a template for the
 * engine of Vault Agent.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fromFile } from '@x/auth-core'
import { createCertificateAuthority, passwordAuthenticator, startTestServer } from '@x/auth-testserver'
import { pythonWith, requireCommand, run } from '../lib/installed.mjs'
import { repositoryRoot, temporaryFolder } from '../lib/paths.mjs'
import { freePorts } from '../lib/ports.mjs'
import { endOwned, spawnOwned } from '../lib/processes.mjs'
import { until } from '../lib/until.mjs'

const examples = join(repositoryRoot, 'examples')
const timeout = 600_000

describe('OpenTelemetry: a collector reads the spans and metrics of examples/opentelemetry', () => {
  const password = 'secret-of-the-example'
  /** The output of the collector. */
  let printed = ''
  /** @type {import('node:child_process').ChildProcess} */
  let collector
  /** @type {import('@x/auth-testserver').TestServer} */
  let server

  before(
    async () => {
      const python = await pythonWith('rotel', ['rotel==0.0.1a15'])
      const [http = 0, grpc] = await freePorts(2)
      const folder = temporaryFolder('collector')
      const program = await run(python, ['-c', 'import rotel; print(rotel.__path__[0])'])
      collector = spawnOwned(
        join(program.trim(), 'rotel-agent'),
        [
          ...['start', '--exporter', 'blackhole', '--pid-file', join(folder, 'pid')],
          ...['--otlp-http-endpoint', `127.0.0.1:${http}`, '--otlp-grpc-endpoint', `127.0.0.1:${grpc}`],
          ...['--debug-log', 'traces', '--debug-log', 'metrics', '--debug-log-verbosity', 'detailed'],
        ],
        { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder },
      )
      for (const stream of [collector.stdout, collector.stderr])
        stream?.setEncoding('utf8').on('data', (text) => {
          printed += text
        })
      await until(() => printed.includes('Starting Rotel'))
      const authority = await createCertificateAuthority()
      const { chainPem: cert, keyPem: key } = await authority.issue({ names: ['127.0.0.1'] })
      server = await startTestServer({
        tls: { cert, key },
        authenticator: passwordAuthenticator({ users: { app: password } }),
      })
      await run(process.execPath, [join(examples, 'opentelemetry', 'app.mjs')], {
        env: {
          PORT: String(server.port),
          CA: authority.root.certPem,
          USER_NAME: 'app',
          PASSWORD: password,
          OTEL_SERVICE_NAME: 'orders',
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${http}`,
        },
      })
      await until(() => printed.includes('ResourceMetrics') && printed.includes('auth.credentials.failures'))
    },
    { timeout },
  )
  after(async () => {
    await server?.stop()
    if (collector) await endOwned(collector)
  })

  test('a login is a span inside the span of the application, with server, mechanism and outcome', () => {
    const [parent = ''] = spans('starts')
    const [login = ''] = spans('cassandra login')
    const [id] = field(parent, 'ID')
    assert.match(id ?? '', /^[0-9a-f]{16}$/)
    assert.deepEqual(field(login, 'Parent ID'), [id])
    assert.deepEqual(field(login, 'Trace ID'), field(parent, 'Trace ID'))
    assert.deepEqual(field(login, 'Kind'), ['SPAN_KIND_CLIENT'])
    assert.ok(login.includes(`server.port: Int(${server.port})`))
    assert.ok(login.includes('auth.mechanism: Str(PLAIN)'))
    assert.ok(login.includes('auth.outcome: Str(success)'))
  })

  test('the request to the credential source is a span of the same trace', () => {
    const [credentials = ''] = spans('cassandra credentials')
    assert.deepEqual(field(credentials, 'Trace ID'), field(spans('starts')[0] ?? '', 'Trace ID'))
    assert.ok(credentials.includes('auth.credentials.reason: Str(first)'))
  })

  test('a refused login is an error with its code', () => {
    const refused = spans('cassandra login').filter((span) => span.includes('STATUS_CODE_ERROR'))
    assert.equal(refused.length, 1)
    assert.ok(refused[0]?.includes('error.type: Str(LOGIN_REFUSED)'))
  })

  test('the metrics count both logins, and no attribute is empty', () => {
    const [, logins = ''] = printed.split('-> Name: auth.logins\n')
    const points = logins.split('Metric #')[0] ?? ''
    assert.match(points, /outcome: Str\(success\)[\s\S]*Value: 1/)
    assert.match(points, /outcome: Str\(refused\)[\s\S]*error\.type: Str\(LOGIN_REFUSED\)[\s\S]*Value: 1/)
    assert.doesNotMatch(printed, /: Empty/)
  })

  test('every record names the service, and none contains a password', () => {
    assert.equal(
      printed.match(/service\.name: Str\(orders\)/g)?.length,
      printed.match(/Resource attributes:/g)?.length,
    )
    for (const secret of [password, 'of last year']) assert.ok(!printed.includes(secret))
  })

  /** @param {string} name */
  function spans(name) {
    return printed.split(/^Span #\d+$/m).filter((span) => field(span, 'Name')[0] === name)
  }

  /** @param {string} span @param {string} name */
  function field(span, name) {
    return [...span.matchAll(new RegExp(`^ +${name} *: (.*)$`, 'gm'))].slice(0, 1).map(([, value]) => value)
  }
})

describe('Vault Agent: its engine renders the template of the recipe', () => {
  const login = { username: 'v-token-app-1', password: `"quoted" \\ <tag> & 'x' {{ }} ü € 𝄞\t` }
  /** @type {import('node:http').Server} */
  let vault
  before(async () => {
    vault = createServer((request, response) => {
      const data = request.url === '/v1/database/creds/app' ? login : undefined
      response.writeHead(data ? 200 : 404, { 'content-type': 'application/json' })
      const lease = { lease_id: 'database/creds/app/1', lease_duration: 3_600, renewable: true }
      response.end(JSON.stringify(data ? { ...lease, data } : { errors: [] }))
    })
    await new Promise((ready) => vault.listen(0, '127.0.0.1', () => ready(undefined)))
  })
  after(() => {
    vault?.closeAllConnections()
    vault?.close()
  })

  test('fromFile reads what it writes, with any characters in the password', { timeout }, async () => {
    requireCommand('go', ['version'], 'apt-get install golang-go (1.21 or newer)')
    const folder = temporaryFolder('vault-agent')
    const recipe = readFileSync(join(examples, 'recipes', 'vault-agent.hcl'), 'utf8')
    const configuration = join(folder, 'agent.hcl')
    writeFileSync(configuration, recipe.replace('/var/run/cassandra', folder))
    const { port } = /** @type {import('node:net').AddressInfo} */ (vault.address())
    await run(
      'go',
      [
        ...['run', 'github.com/hashicorp/consul-template@v0.41.0', '-once', '-config', configuration],
        ...['-vault-addr', `http://127.0.0.1:${port}`, '-vault-token', 'token', '-vault-renew-token=false'],
      ],
      { timeout },
    )
    const source = fromFile({ path: join(folder, 'login.json') })
    const credentials = await source({
      endpoint: '127.0.0.1:9042',
      address: '127.0.0.1',
      port: 9042,
      authenticator: 'org.apache.cassandra.auth.PasswordAuthenticator',
      signal: AbortSignal.timeout(timeout),
    })
    assert.equal(credentials['username'], login.username)
    assert.equal(credentials['password'], login.password)
  })
})
