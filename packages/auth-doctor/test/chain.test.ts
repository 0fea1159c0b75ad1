import {
  type CertificateAuthority,
  createCertificates,
  passwordAuthenticator,
  startTestServer,
} from '@x/auth-testserver'
import { codesOf, examine, passwordLogin, sentinel } from './support/doctor.js'
import { temporaryFolder } from './support/folder.js'

const folder = temporaryFolder()
afterAll(() => folder.remove())
const authenticator = passwordAuthenticator({ users: { app: sentinel } })

test('a chain of many certificates is cut at 20, and verified whole', async () => {
  const { ca: root } = await createCertificates()
  let above: CertificateAuthority = root
  for (let depth = 0; depth < 24; depth++) above = await above.intermediate()
  const { chainPem, keyPem } = await above.issue({ names: ['127.0.0.1'] })
  const sent = chainPem.match(/BEGIN CERTIFICATE/g)?.length ?? 0
  expect(sent).toBeGreaterThan(20)
  const server = await startTestServer({ tls: { cert: chainPem, key: keyPem }, authenticator })
  const report = await examine(server.port, {
    ca: [folder.write('root.pem', root.root.certPem)],
    login: passwordLogin(),
  })
  await server.stop()
  expect(report.tls?.chain).toHaveLength(20)
  expect(report.tls?.chain[0]?.subject).toBe('CN=127.0.0.1')
  expect(report.tls?.verified).toBe(true)
})

describe('chainIsTrusted of each node', () => {
  /** Two nodes of one cluster: the second has the certificate of another authority. */
  async function cluster(files: readonly string[]) {
    const certs = await createCertificates()
    const ca = folder.write('ca.pem', certs.ca.root.certPem)
    const other = await startTestServer({
      addresses: ['127.0.0.2'],
      tls: { cert: certs.otherCa.chainPem, key: certs.otherCa.keyPem },
      authenticator,
    })
    const server = await startTestServer({
      tls: { cert: certs.server.chainPem, key: certs.server.keyPem },
      authenticator,
      query: (cql) =>
        /peers_v2/.test(cql)
          ? [{ native_address: '127.0.0.2', native_port: other.port, release_version: '5.0.9' }]
          : undefined,
    })
    const report = await examine(server.port, {
      ca: files.length > 0 ? [ca] : [],
      login: passwordLogin(),
      allowCleartext: true,
    })
    await Promise.all([server.stop(), other.stop()])
    return report
  }

  test('true and false, and the difference is said', async () => {
    const report = await cluster(['ca'])
    expect(report.nodes.map(({ chainIsTrusted }) => chainIsTrusted)).toEqual([true, false])
    const differs = report.findings.filter(({ code }) => code === 'NODE_DIFFERS')
    expect(differs).toHaveLength(1)
    expect(differs[0]?.detail).toContain('does not end at a CA that is trusted')
  })

  test('false for all where nobody says whom to trust, and no difference', async () => {
    const report = await cluster([])
    expect(report.nodes.map(({ chainIsTrusted }) => chainIsTrusted)).toEqual([false, false])
    expect(codesOf(report)).not.toContain('NODE_DIFFERS')
  })

  test('none without TLS', async () => {
    const server = await startTestServer({ authenticator })
    const report = await examine(server.port, { login: passwordLogin(), allowCleartext: true })
    await server.stop()
    expect(report.nodes.map(({ chainIsTrusted }) => chainIsTrusted)).toEqual([undefined])
  })
})
