import {
  type Certificates,
  createCertificates,
  type MutualTlsAuthenticatorOptions,
  mutualTlsAuthenticator,
  type PlainRows,
  startTestServer,
} from '@x/auth-testserver'
import type { Given } from '../src/options.js'
import type { Report } from '../src/report.js'
import { codesOf, examine, passwordLogin, sentinel } from './support/doctor.js'
import { temporaryFolder } from './support/folder.js'

const folder = temporaryFolder()
const identity = 'spiffe://test.example/app'
let certs: Certificates
let given: Partial<Given>

beforeAll(async () => {
  certs = await createCertificates()
  const { chainPem, keyPem } = await certs.ca.issue({ uris: [identity] })
  given = {
    ca: [folder.write('ca.pem', certs.ca.root.certPem)],
    cert: folder.write('client.pem', chainPem),
    key: folder.write('client.key', keyPem),
  }
})
afterAll(() => folder.remove())

/** The test server logs in by certificate as Cassandra of this release does. */
async function withMutualTls(
  options: Partial<MutualTlsAuthenticatorOptions>,
  more: Partial<Given> = {},
  roles: PlainRows = [{ role: 'app', super: false, login: true }],
): Promise<Report> {
  const server = await startTestServer({
    tls: {
      cert: certs.server.chainPem,
      key: certs.server.keyPem,
      ca: certs.ca.certPem,
      requestClientCertificate: options.passwords ? 'request' : 'require',
    },
    authenticator: mutualTlsAuthenticator({ identities: { [identity]: 'app' }, ...options }),
    query: (cql) => {
      if (/^LIST ROLES/.test(cql)) return roles
      return /system_views.clients/.test(cql) ? [{ username: 'app' }] : undefined
    },
  })
  try {
    return await examine(server.port, { ...given, ...more })
  } finally {
    await server.stop()
  }
}

describe.each(['5.0', '6.0'] as const)('as Cassandra %s does, with no user name', (release) => {
  test('the certificate is the login, and its role is said', async () => {
    const report = await withMutualTls({ release })
    expect(report.verdict.code).toBe('FINE')
    expect(report.login).toMatchObject({
      provider: release === '5.0' ? 'CertificateAuthProvider' : '',
      outcome: 'success',
      role: { name: 'app', superuser: false, login: true },
    })
    expect(report.authenticator?.byCertificate).toBe(release === '6.0')
    expect(report.paste?.esm).toContain('new CertificateAuthProvider()')
    expect(report.paste?.esm).toContain('mutual({')
  })

  test('where passwords are a fallback too', async () => {
    const report = await withMutualTls({ release, passwords: { app: sentinel } })
    expect(report.login?.outcome).toBe('success')
    expect(report.paste?.esm).toContain('new CertificateAuthProvider()')
  })

  test('a certificate that no role has', async () => {
    const report = await withMutualTls({ release, identities: {} })
    expect(report.verdict.code).toBe('CERTIFICATE_IDENTITY_REFUSED')
    expect(report.exitCode).toBe(1)
  })

  test('a role that sees all roles is told by system_views.clients', async () => {
    const row = (role: string) => ({ role, super: role === 'app', login: true })
    const report = await withMutualTls({ release }, {}, [row('cassandra'), row('app')])
    expect(report.login?.role).toEqual({ name: 'app', superuser: true, login: true })
    expect(codesOf(report)).toContain('SUPERUSER')
  })
})

test('credentials beside a certificate that is the login are said not to be asked for', async () => {
  const report = await withMutualTls({ release: '6.0' }, { login: passwordLogin() })
  expect(codesOf(report)).toEqual(['LOGIN_BY_CERTIFICATE'])
  expect(report.login?.role?.name).toBe('app')
})

test('no certificate, where a password would do: the remedy names the certificate', async () => {
  const more = { cert: undefined, key: undefined }
  const report = await withMutualTls({ passwords: { app: sentinel } }, more)
  expect(report.findings.find(({ code }) => code === 'CREDENTIALS_NOT_GIVEN')?.remedy).toContain(
    '--cert FILE',
  )
})

test('a server that asks nobody and lists no roles is open, whatever certificate comes', async () => {
  const server = await startTestServer({
    tls: { cert: certs.server.chainPem, key: certs.server.keyPem, ca: certs.ca.certPem },
  })
  const report = await examine(server.port, given)
  await server.stop()
  expect(codesOf(report)).toContain('AUTHENTICATION_OFF')
  expect(report.authenticator?.byCertificate).toBe(false)
})
