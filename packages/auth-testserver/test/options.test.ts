import { runInNewContext } from 'node:vm'
import {
  anonymousServer,
  CqlError,
  challengeForever,
  cramMd5Server,
  createCertificateAuthority,
  createCertificates,
  createSelfSigned,
  digestMd5Server,
  dseAuthenticator,
  earlySuccess,
  emptyChallenge,
  errorOf,
  externalServer,
  fin,
  frameOf2GiB,
  late,
  mutualTlsAuthenticator,
  nullChallenge,
  oauthBearerServer,
  passwordAuthenticator,
  plainServer,
  pretendKerberos,
  randomBytes,
  rst,
  SigV4KeyStore,
  saslAuthenticator,
  scramServer,
  sigV4Authenticator,
  silentAfterResponse,
  startTestServer,
  transitionalAuthenticator,
  truncatedFrame,
} from '../src/index.js'

/** All functions that take options, called with these. */
const takers: Readonly<Record<string, (options: never) => unknown>> = {
  startTestServer,
  'startTestServer, tls': (tls) => startTestServer({ tls }),
  passwordAuthenticator,
  transitionalAuthenticator,
  mutualTlsAuthenticator,
  dseAuthenticator,
  saslAuthenticator: (options) => saslAuthenticator(plainServer({ users: {} }), options),
  sigV4Authenticator,
  SigV4KeyStore: (options) => new SigV4KeyStore().issue(options),
  plainServer,
  cramMd5Server,
  anonymousServer,
  externalServer,
  oauthBearerServer,
  scramServer,
  'scramServer, lie': (lie) => scramServer({ users: {}, lie }),
  digestMd5Server,
  'digestMd5Server, lie': (lie) => digestMd5Server({ users: {}, lie }),
  pretendKerberos,
  'pretendKerberos, server': (options) => pretendKerberos().server(options),
  'pretendKerberos, lie': (lie) => pretendKerberos().server({ lie }),
  earlySuccess,
  challengeForever,
  nullChallenge,
  emptyChallenge,
  errorOf: (options) => errorOf(0x0100, options),
  CqlError: (fields) => new CqlError(0x1000, 'no replicas', fields),
  fin,
  rst,
  randomBytes,
  frameOf2GiB,
  truncatedFrame,
  late: (options) => late(1, options),
  silentAfterResponse,
  createCertificates,
  createCertificateAuthority,
  createSelfSigned,
}

/** Throws if the function throws, also if it is asynchronous. */
const call = async (taker: (options: never) => unknown, options: unknown) => taker(options as never)

test.each(Object.entries(takers))('%s refuses unknown options', async (_, taker) => {
  const given = { noSuchOption: 1 }
  await expect(call(taker, given)).rejects.toThrow(/has no option "noSuchOption"; it has/)
})

test.each(Object.entries(takers))('%s refuses a list and null', async (_, taker) => {
  for (const given of [null, []]) await expect(call(taker, given)).rejects.toThrow(TypeError)
})

test.each([
  ['authentcator', 'authenticator'],
  ['keyspace', 'keyspaces'],
  ['protocolVersion', 'protocolVersions'],
  ['TLS', 'tls'],
  ['authenticators', 'authenticator'],
])('startTestServer with %s suggests %s', async (wrong, right) => {
  await expect(call(startTestServer, { [wrong]: 1 })).rejects.toThrow(`Did you mean ${right}?`)
})

test.each([
  { addresses: ['localhost'] },
  { addresses: [] },
  { addresses: ['127.0.0.1', undefined] },
  { addresses: ['127.0.0.1', '127.0.0.1'] },
  { port: 65_536 },
  { port: '9042' },
  { protocolVersions: [] },
  { protocolVersions: [5] },
  { maxFrameBytes: Number.NaN },
  { authenticator: 'PasswordAuthenticator' },
  { authenticator: {} },
  { fault: null },
  { keyspaces: [''] },
  { transcriptLimit: -1 },
  { tls: { cert: '', key: '' } },
  { tls: { cert: 'cert', key: 'key', requestClientCertificate: 'always' } },
])('startTestServer refuses %j before anything is started', async (options) => {
  await expect(call(startTestServer, options)).rejects.toThrow(TypeError)
})

test('undefined is not given: the default holds', async () => {
  const server = await startTestServer({ port: undefined, addresses: undefined, localDataCenter: undefined })
  expect(server.localDataCenter).toBe('datacenter1')
  await server.stop()
})

test('options of another realm, in an instance of a class, are read once, as they are used', async () => {
  const options = runInNewContext(`new (class {
    get localDataCenter() { return 'elsewhere' }
    get keyspaces() { return ['one'] }
  })()`)
  const server = await startTestServer(options)
  expect(server.localDataCenter).toBe('elsewhere')
  await server.stop()
})

test('a Map and a Date of another realm are a Map and a Date', async () => {
  const { users, notAfter } = runInNewContext(`({
    users: new Map([['alice', 'secret']]),
    notAfter: new Date(Date.now() + 60_000),
  })`)
  const { newExchange } = passwordAuthenticator({ users })
  const reply = newExchange(undefined as never).respond(Buffer.from('\0alice\0secret'))
  expect(reply).toEqual({ success: null, username: 'alice' })
  await expect(createSelfSigned({ notAfter })).resolves.toBeDefined()
})

test('an unknown choice is refused', async () => {
  const server = await startTestServer()
  expect(() => server.transcript({ redact: null } as never)).toThrow(TypeError)
  expect(() => server.waitFor('login', undefined, { timeout: 1 } as never)).toThrow(/Did you mean timeoutMs/)
  await expect(server.closeConnections({ how: 'softly' } as never)).rejects.toThrow(TypeError)
  await server.stop()
})
