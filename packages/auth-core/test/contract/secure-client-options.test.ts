/** What `secureClientOptions` approves is what the stock driver does: no server that it does not verify reads the password. */
import {
  type CertificateAuthority,
  createCertificateAuthority,
  passwordAuthenticator,
  startTestServer,
  type TestServer,
} from '@x/auth-testserver'
import { Client, type ClientOptions } from 'cassandra-driver'
import { plain } from '../../src/mechanisms/plain.js'
import { BaseAuthProvider } from '../../src/provider.js'
import { secureClientOptions } from '../../src/secure-client-options.js'

class TestAuthProvider extends BaseAuthProvider<unknown> {}

const alice = { username: 'alice', password: 'correct horse' }
let trusted: CertificateAuthority
let server: TestServer

beforeAll(async () => {
  trusted = await createCertificateAuthority()
})
afterEach(() => server.stop())

/** A server that reads whatever password it gets. */
async function serve(authority?: CertificateAuthority): Promise<void> {
  const issued = await authority?.issue({ names: ['127.0.0.1'] })
  server = await startTestServer({
    authenticator: passwordAuthenticator({ users: { alice: alice.password } }),
    ...(issued && { tls: { cert: issued.certPem, key: issued.keyPem } }),
  })
}

/** Whether the client that comes of these options logs in; false too where they are refused. */
async function logsIn(options: object): Promise<boolean> {
  let client: Client | undefined
  try {
    client = new Client(secureClientOptions(options as ClientOptions))
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client?.shutdown()
  }
}

const base = () => ({
  ...server.clientOptions,
  authProvider: new TestAuthProvider({ mechanisms: [plain], credentials: alice as never }),
  pooling: { heartBeatInterval: 0 },
})

const asGetters = (given: object) => {
  class Configured {}
  for (const [name, value] of Object.entries(given))
    Object.defineProperty(Configured.prototype, name, { get: () => value, configurable: true })
  return new Configured()
}
const hidden = (given: object, ...names: string[]) => {
  const copy = { ...given }
  for (const name of names) Object.defineProperty(copy, name, { enumerable: false })
  return copy
}
/** The first answer is another than all that follow. */
const once = (first: unknown, then: unknown) => {
  let asked = 0
  return { get: () => (asked++ === 0 ? first : then), enumerable: true, configurable: true }
}

/** Ways to write options that a check could read otherwise than the driver does. */
const tlsShapes: [string, (tls: object) => object][] = [
  ['with a prototype', (tls) => Object.create(tls)],
  ['with a prototype in a literal', (tls) => ({ __proto__: tls })],
  ['with getters of a class', asGetters],
  ['a getter that inherits', (tls) => Object.create(asGetters(tls))],
  ['hidden rejectUnauthorized', (tls) => hidden(tls, 'rejectUnauthorized')],
  ['all hidden', (tls) => hidden(tls, 'rejectUnauthorized', 'ca')],
  ['true only once', (tls) => Object.defineProperty({ ...tls }, 'rejectUnauthorized', once(true, false))],
  [
    'a proxy that is true only once',
    (tls) => {
      const answer = once(true, false)
      return new Proxy(tls, {
        get: (target, name) =>
          name === 'rejectUnauthorized' ? answer.get() : (target as Record<string | symbol, unknown>)[name],
      })
    },
  ],
]

const clientShapes: [string, (options: object) => object][] = [
  ['sslOptions of a prototype', ({ ...own }) => inherit(own, 'sslOptions')],
  ['sslOptions of a getter', ({ ...own }) => viaGetter(own, 'sslOptions')],
  ['all from getters', asGetters],
  ['all from a prototype', (options) => Object.create(options)],
  ['sslOptions hidden', (options) => hidden(options, 'sslOptions')],
  ['authProvider of a prototype', ({ ...own }) => inherit(own, 'authProvider')],
]

function inherit(own: Record<string, unknown>, name: string): object {
  const parent = { [name]: own[name] }
  delete own[name]
  return Object.assign(Object.create(parent), own)
}

function viaGetter(own: Record<string, unknown>, name: string): object {
  const value = own[name]
  delete own[name]
  return Object.assign(asGetters({ [name]: value }), own)
}

describe.each(tlsShapes)('sslOptions %s', (_, shape) => {
  const tls = () => shape({ rejectUnauthorized: true, ca: trusted.root.certPem })

  test('a server that nobody vouches for does not read the password', async () => {
    await serve(await createCertificateAuthority())
    expect(await logsIn({ ...base(), sslOptions: tls() })).toBe(false)
    expect(server.logins).toEqual([])
  })

  test('the right server logs the client in, if the options are taken at all', async () => {
    await serve(trusted)
    const approved = codeOf({ ...base(), sslOptions: tls() }) === undefined
    expect(await logsIn({ ...base(), sslOptions: tls() })).toBe(approved)
  })
})

describe.each(clientShapes)('options with %s', (_, shape) => {
  const options = () =>
    shape({ ...base(), sslOptions: { rejectUnauthorized: true, ca: trusted.root.certPem } })

  test('the password does not cross the wire in clear text, nor to a stranger', async () => {
    await serve()
    expect(await logsIn(options())).toBe(false)
    expect(server.logins).toEqual([])
    await server.stop()
    await serve(await createCertificateAuthority())
    expect(await logsIn(options())).toBe(false)
    expect(server.logins).toEqual([])
  })

  test('the right server logs the client in, if the options are taken at all', async () => {
    await serve(trusted)
    expect(await logsIn(options())).toBe(codeOf(options()) === undefined)
  })
})

test.each<[string, (cloud: object) => object]>([
  ['of a prototype', (cloud) => Object.create({ cloud })],
  ['of a getter', (cloud) => asGetters({ cloud })],
  ['hidden', (cloud) => hidden({ cloud }, 'cloud')],
])('cloud %s does not stand in for TLS', async (_, shape) => {
  await serve()
  const options = Object.assign(shape({ secureConnectBundle: '/nowhere/bundle.zip' }), base())
  expect(await logsIn(options)).toBe(false)
  expect(server.logins).toEqual([])
})

test('a check that accepts everybody, and what it would cost', async () => {
  const other = await trusted.issue({ names: ['somebody.example'] })
  server = await startTestServer({
    authenticator: passwordAuthenticator({ users: { alice: alice.password } }),
    tls: { cert: other.certPem, key: other.keyPem },
  })
  const sslOptions = {
    rejectUnauthorized: true,
    ca: trusted.root.certPem,
    checkServerIdentity: () => undefined,
  }
  const unchecked = new Client({ ...base(), sslOptions })
  await unchecked.connect()
  await unchecked.shutdown()
  expect(server.logins).not.toEqual([])
  expect(codeOf({ ...base(), sslOptions })).toBe('IDENTITY_NOT_CHECKED')
})

function codeOf(options: object): string | undefined {
  try {
    secureClientOptions(options as ClientOptions)
    return undefined
  } catch (error) {
    return (error as { code: string }).code
  }
}
