// #region jest
const { passwordAuthenticator, rst, startTestServer } = require('@x/auth-testserver')
const { auth, Client } = require('cassandra-driver')

describe('logging in', () => {
  const users = { alice: 'secret' }
  let server
  let client

  beforeEach(async () => {
    server = await startTestServer({ authenticator: passwordAuthenticator({ users }) })
    client = new Client({
      ...server.clientOptions,
      authProvider: new auth.PlainTextAuthProvider('alice', 'secret'),
      pooling: { heartBeatInterval: 0 },
    })
  })

  afterEach(async () => {
    await client.shutdown()
    await server.stop()
  })

  test('sends the password once, in one message', async () => {
    await client.connect()
    const [connection] = server.openConnections
    const messages = server
      .transcript({ redact: false })
      .filter((entry) => entry.connection === connection.id)
    expect(messages.filter(({ type }) => type === 'AUTH_RESPONSE')).toEqual([
      expect.objectContaining({ token: Buffer.from('\0alice\0secret').toString('hex') }),
    ])
  })

  test('reports a broken connection', async () => {
    server.setFault(rst())
    await expect(client.connect()).rejects.toMatchObject({
      innerErrors: { [server.contactPoints[0]]: expect.objectContaining({ code: 'ECONNRESET' }) },
    })
  })
})
// #endregion jest
