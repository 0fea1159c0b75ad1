import { createCertificates, passwordAuthenticator, startTestServer } from '@x/auth-testserver'
import { codesOf, examine, passwordLogin, sentinel } from './support/doctor.js'
import { temporaryFolder } from './support/folder.js'
import { selfSignedLeaf } from './support/weak-certificates.js'

const folder = temporaryFolder()
afterAll(() => folder.remove())
const authenticator = passwordAuthenticator({ users: { app: sentinel } })

test('a chain of many certificates is cut at 20, and verified whole', async () => {
  const { ca: root, server: issued } = await createCertificates()
  // The same one again and again: what is sent beyond the chain is not a part of it.
  const { keyPem } = issued
  const chainPem = issued.certPem + root.root.certPem.repeat(24)
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

test('which hostname passes at each node, and that no one name passes at all', async () => {
  const { ca } = await createCertificates()
  const issue = async (name: string) => {
    const { chainPem, keyPem } = await ca.issue({ names: [name] })
    return { cert: chainPem, key: keyPem }
  }
  const [other, alike] = await Promise.all(
    [
      ['127.0.0.2', 'node2.example'],
      ['127.0.0.3', 'node1.example'],
    ].map(async ([address, name]) =>
      startTestServer({ addresses: [address as string], tls: await issue(name as string), authenticator }),
    ),
  )
  const server = await startTestServer({
    tls: await issue('node1.example'),
    authenticator,
    query: (cql) =>
      /peers_v2/.test(cql)
        ? [
            { native_address: '127.0.0.2', native_port: other?.port, release_version: '5.0.9' },
            { native_address: '127.0.0.3', native_port: alike?.port, release_version: '5.0.9' },
          ]
        : undefined,
  })
  const report = await examine(server.port, {
    ca: [folder.write('names.pem', ca.root.certPem)],
    servername: 'node1.example',
    login: passwordLogin(),
  })
  await Promise.all([server, other, alike].map((each) => each?.stop()))
  const passes = report.nodes.map(({ hostnamePolicies }) =>
    hostnamePolicies.filter((each) => each.passes).map(({ policy }) => policy),
  )
  expect(passes).toEqual([
    ['node1.example', 'false'],
    ['node2.example', 'false'],
    ['node1.example', 'false'],
  ])
  const differs = report.findings.filter(({ code }) => code === 'NODE_DIFFERS')
  expect(differs.map(({ detail }) => detail)).toEqual([
    `127.0.0.2 port ${other?.port}: no single name is valid there and at 127.0.0.1: \`hostname\` must be a map or a function from address to name. Names that are valid there: node2.example.`,
  ])
})

test('a server that signed its own certificate is said to have done so, also where its key may sign no others', async () => {
  const { cert, key } = await selfSignedLeaf()
  const server = await startTestServer({ tls: { cert, key }, authenticator })
  const [unknown, given] = [
    await examine(server.port),
    await examine(server.port, { ca: [folder.write('own.pem', cert)] }),
  ]
  await server.stop()
  const [found] = unknown.findings.filter(({ code }) => code === 'TLS_CA_NOT_GIVEN')
  expect(found?.detail).toBe('It was issued by itself: CN=alone.')
  expect(unknown.tls?.chain).toMatchObject([{ selfSigned: true }])
  expect(given.tls?.verified).toBe(true)
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
    expect(differs[0]?.detail).toContain('does not come from a trusted CA')
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
