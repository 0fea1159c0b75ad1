import { allowAllAuthenticator, CqlError, startTestServer, type TestServer } from '@x/auth-testserver'
import { Client } from 'cassandra-driver'
import { type AskingClient, assertNotAnonymous } from '../../src/assert-not-anonymous.js'

describe('assertNotAnonymous', () => {
  const addresses = ['127.0.0.1', '127.0.0.2']
  let server: TestServer
  let client: Client
  /** What each node answers to LIST ROLES. */
  let answers: Record<string, Error | undefined>

  beforeAll(async () => {
    server = await startTestServer({
      addresses,
      authenticator: allowAllAuthenticator(),
      query: (cql, { address }) => {
        if (cql !== 'LIST ROLES') return undefined
        const problem = answers[address]
        if (problem) throw problem
        return [{ role: 'app' }]
      },
    })
    client = new Client({
      ...server.clientOptions,
      contactPoints: [...addresses],
      pooling: { heartBeatInterval: 0, warmup: true },
    })
    await client.connect()
  })
  beforeEach(() => {
    answers = {}
  })
  afterAll(async () => {
    await client?.shutdown()
    await server?.stop()
  })

  const anonymous = new CqlError(0x2100, 'You have to be logged in and not anonymous to perform this request')

  test('each server knows the client', async () => {
    const asked: string[] = []
    const original = client.execute.bind(client)
    const spy = jest.spyOn(client, 'execute').mockImplementation(((query: string, ...rest: never[]) => {
      asked.push(query)
      return original(query, ...rest)
    }) as never)
    await assertNotAnonymous(client)
    spy.mockRestore()
    expect(asked).toEqual(['LIST ROLES', 'LIST ROLES'])
  })

  test('names the one that does not', async () => {
    answers['127.0.0.2'] = anonymous
    await expect(assertNotAnonymous(client)).rejects.toMatchObject({
      code: 'NOT_AUTHENTICATED',
      endpoint: `127.0.0.2:${server.port}`,
      message: expect.not.stringContaining('127.0.0.1'),
    })
  })

  test('another answer tells nothing', async () => {
    answers['127.0.0.1'] = new CqlError(0x2000)
    await expect(assertNotAnonymous(client)).rejects.toMatchObject({
      code: 'CANNOT_TELL',
      endpoint: `127.0.0.1:${server.port}`,
      cause: expect.objectContaining({ code: 0x2000 }),
    })
  })

  test('an anonymous connection is told even where another server tells nothing', async () => {
    answers = { '127.0.0.1': new CqlError(0x2000), '127.0.0.2': anonymous }
    await expect(assertNotAnonymous(client)).rejects.toMatchObject({ code: 'NOT_AUTHENTICATED' })
  })

  test('a client that is not connected', async () => {
    const unconnected = { getState: () => ({ getConnectedHosts: () => [] }) }
    await expect(assertNotAnonymous(unconnected as unknown as AskingClient)).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    })
  })
})
