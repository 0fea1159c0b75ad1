import {
  type Certificates,
  createCertificates,
  mutualTlsAuthenticator,
  passwordAuthenticator,
  saslAuthenticator,
  scramServer,
  startTestServer,
  type TestServerOptions,
} from '@x/auth-testserver'
import type { Client } from 'cassandra-driver'
import ts from 'typescript'
import type { Given } from '../src/options.js'
import { quote } from '../src/paste/literal.js'
import { examine, passwordLogin, sentinel } from './support/doctor.js'
import { temporaryFolder } from './support/folder.js'

// Below this package: what the code names is found from there.
const folder = temporaryFolder(__dirname)
let certs: Certificates
let ca: string

beforeAll(async () => {
  certs = await createCertificates()
  ca = folder.write('ca.pem', certs.ca.root.certPem)
  process.env['CASSANDRA_USERNAME'] = 'app'
  process.env['CASSANDRA_PASSWORD'] = sentinel
})
afterAll(() => {
  delete process.env['CASSANDRA_USERNAME']
  delete process.env['CASSANDRA_PASSWORD']
  folder.remove()
})

/** The code as a module of CommonJS, which jest runs with the packages of this repository; the compiler is TypeScript's own. */
function run(name: string, code: string): { client: Client } {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  })
  return require(folder.write(`${name}-${serial++}.cjs`, outputText)) as {
    client: Client
  }
}
let serial = 0

/** Key derivation works beside the event loop, however many turns that takes. */
const patient = { stepMs: 1_000_000_000 }
const patience = { timeoutMs: 10_000_000_000 }

const users = { app: sentinel }
const tls = () => ({ cert: certs.server.chainPem, key: certs.server.keyPem })
const clientFiles = () => ({
  cert: folder.write('client.pem', certs.client.chainPem),
  key: folder.write('client.key', certs.client.keyPem),
})

type Server = readonly [string, () => TestServerOptions, () => Partial<Given>]

const servers: readonly Server[] = [
  [
    'password without TLS',
    () => ({ authenticator: passwordAuthenticator({ users }) }),
    () => ({ login: passwordLogin(), allowCleartext: true }),
  ],
  [
    'password over TLS',
    () => ({ authenticator: passwordAuthenticator({ users }), tls: tls() }),
    () => ({ login: passwordLogin(), ca: [ca] }),
  ],
  [
    'password over TLS, not logged in by the doctor',
    () => ({ authenticator: passwordAuthenticator({ users }), tls: tls() }),
    () => ({ ca: [ca] }),
  ],
  ['nobody is asked', () => ({ tls: tls() }), () => ({ ca: [ca] })],
  [
    'a certificate of the client',
    () => ({
      tls: { ...tls(), ca: certs.ca.certPem, requestClientCertificate: 'require' },
      authenticator: passwordAuthenticator({ users }),
    }),
    () => ({ ca: [ca], login: passwordLogin(), ...clientFiles() }),
  ],
  ...(['5.0', '6.0'] as const).map(
    (release): Server => [
      `a certificate that is the login, as in Cassandra ${release}`,
      () => ({
        tls: { ...tls(), ca: certs.ca.certPem, requestClientCertificate: 'require' },
        authenticator: mutualTlsAuthenticator({
          identities: { 'spiffe://test.example/client': 'app' },
          release,
        }),
        query: (cql: string) =>
          /^LIST ROLES/.test(cql) ? [{ role: 'app', super: false, login: true }] : undefined,
      }),
      () => ({ ca: [ca], ...clientFiles() }),
    ],
  ),
  [
    'a name instead of the address',
    () => ({
      tls: { cert: named.chainPem, key: named.keyPem },
      authenticator: passwordAuthenticator({ users }),
    }),
    () => ({ ca: [ca], servername: 'node.example', login: passwordLogin() }),
  ],
  [
    'SCRAM-SHA-256 over TLS',
    () => ({
      tls: tls(),
      authenticator: saslAuthenticator(scramServer({ users })),
    }),
    () => ({
      ca: [ca],
      login: { kind: 'mechanism', mechanism: 'SCRAM-SHA-256', username: 'app', password: () => sentinel },
    }),
  ],
]
let named: Certificates['server']
beforeAll(async () => {
  named = await certs.ca.issue({ names: ['node.example'] })
})

describe.each(servers)('%s', (name, options, more) => {
  test.each(['esm', 'commonjs', 'typescript'] as const)(
    'the code in %s logs in with the stock driver',
    async (language) => {
      const server = await startTestServer(options())
      try {
        const { paste, verdict } = await examine(server.port, { ...patience, ...more() }, patient)
        expect(paste?.[language]).toBeDefined()
        const { client } = run(`${name}-${language}`.replaceAll(/\W/g, '-'), paste?.[language] ?? '')
        try {
          await client.connect()
          expect(client.getState().getConnectedHosts()).toHaveLength(1)
        } finally {
          await client.shutdown()
        }
        expect(verdict.code).not.toBe('LOGIN_WITHHELD')
      } finally {
        await server.stop()
      }
    },
  )
})

test('a text is a literal whatever is in it', () => {
  const odd = `it's "odd" \\ \n \u2028 \${x} \``
  expect(run('literal', `exports.client = ${quote(odd)}`).client).toBe(odd)
})
