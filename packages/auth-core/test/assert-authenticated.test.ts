import { auth } from 'cassandra-driver'
import { assertAuthenticated, type ConnectedClient } from '../src/assert-authenticated.js'
import { connect, providerOf } from './support/harness.js'

function clientWith(open: Record<string, number>, options: object = {}): ConnectedClient {
  const hosts = Object.keys(open).map((address) => ({ address }))
  const state = {
    getConnectedHosts: () => hosts,
    getOpenConnections: ({ address }: { address: string }) => open[address] ?? 0,
  }
  return { options, getState: () => state } as never
}

async function loggedIn(...endpoints: string[]) {
  const { provider } = providerOf()
  for (const endpoint of endpoints) {
    const driver = connect(provider, endpoint)
    await driver.start()
    driver.succeed()
  }
  return provider
}

const refusal = (code: string) => expect.objectContaining({ code })

describe('assertAuthenticated', () => {
  test('as many logins as connections, but which of them is not seen', async () => {
    const provider = await loggedIn('127.0.0.1:9042', '127.0.0.1:9042', '127.0.0.2:9042')
    const client = clientWith({ '127.0.0.1:9042': 2, '127.0.0.2:9042': 1 })
    expect(() => assertAuthenticated(client, provider)).toThrow(refusal('CANNOT_TELL'))
  })

  test('names the server that never asked', async () => {
    const provider = await loggedIn('127.0.0.1:9042')
    const client = clientWith({ '127.0.0.1:9042': 1, '127.0.0.2:9042': 1 })
    expect(() => assertAuthenticated(client, provider)).toThrow(
      expect.objectContaining({
        code: 'NOT_AUTHENTICATED',
        endpoint: '127.0.0.2:9042',
        message: expect.not.stringContaining('127.0.0.1'),
      }),
    )
  })

  test('more connections than logins', async () => {
    const provider = await loggedIn('127.0.0.1:9042')
    expect(() => assertAuthenticated(clientWith({ '127.0.0.1:9042': 2 }), provider)).toThrow(
      refusal('NOT_AUTHENTICATED'),
    )
  })

  test.each([[{ cloud: {} }], [{ sni: {} }]])('behind a proxy: %p', async (options) => {
    const provider = await loggedIn('127.0.0.1:9042')
    expect(() => assertAuthenticated(clientWith({ '127.0.0.1:9042': 1 }, options), provider)).toThrow(
      refusal('CANNOT_TELL'),
    )
  })

  test("not connected, or a stranger's provider", async () => {
    expect(() => assertAuthenticated(clientWith({}), providerOf().provider)).toThrow(
      refusal('OPTION_INVALID'),
    )
    expect(() => assertAuthenticated(clientWith({ a: 1 }), new auth.PlainTextAuthProvider('a', 'b'))).toThrow(
      refusal('OPTION_INVALID'),
    )
  })

  describe('where it is seen which connections logged in', () => {
    const reader = {}
    const options = { sslOptions: { onread: reader } }
    const provider = (logins: Record<string, number>, mechanisms = ['PLAIN']) => ({
      [Symbol.for('@x/auth:provider')]: {
        provider: 'Other',
        mechanisms,
        successes: () => 99,
        openLogins: (endpoint: string, of: object) => (of === reader ? (logins[endpoint] ?? 0) : 99),
      },
    })

    test('each of them did: nothing is wrong', () => {
      const client = clientWith({ 'a:1': 2, 'b:1': 1 }, options)
      expect(() => assertAuthenticated(client, provider({ 'a:1': 2, 'b:1': 1 }))).not.toThrow()
    })

    test.each([[{ cloud: {} }], [{ sni: {} }]])('each of them did, behind a proxy: %p', (proxy) => {
      const client = clientWith({ 'a:1': 1 }, { ...options, ...proxy })
      expect(() => assertAuthenticated(client, provider({ 'a:1': 1 }))).toThrow(refusal('CANNOT_TELL'))
    })

    test('one did not: its server is named, however many logins there were before', () => {
      const client = clientWith({ 'a:1': 2, 'b:1': 1, 'c:1': 1 }, options)
      expect(() => assertAuthenticated(client, provider({ 'a:1': 1, 'b:1': 1 }))).toThrow(
        expect.objectContaining({
          code: 'NOT_AUTHENTICATED',
          endpoint: 'a:1',
          message: expect.stringMatching(/: a:1, c:1\./),
        }),
      )
    })

    test.each([
      [['PLAIN'], false],
      [['PLAIN', 'EXTERNAL'], true],
    ])('a provider of %j gets the hint about servers that know a certificate: %p', (mechanisms, told) => {
      const ask = () => assertAuthenticated(clientWith({ 'a:1': 1 }, options), provider({}, mechanisms))
      const message = told ? /assertNotAnonymous/ : /without a login: a:1\. (?!.*assertNotAnonymous)/
      expect(ask).toThrow(expect.objectContaining({ message: expect.stringMatching(message) }))
    })
  })
})
