/** An authenticator that never calls back ends the connection after `socketOptions.authenticationTimeout`. */
import { passwordAuthenticator, startTestServer, type TestServer } from '@x/auth-testserver'
import { auth, Client, errors } from 'cassandra-driver'

type Callback = (error: Error | null, token?: Buffer) => void

/** Records its calls. It calls back only when the test says so. */
class SilentProvider extends auth.PlainTextAuthProvider {
  readonly callbacks: Callback[] = []

  override newAuthenticator(): auth.Authenticator {
    return {
      initialResponse: (callback) => void this.callbacks.push(callback as Callback),
      evaluateChallenge: () => {},
      onAuthenticationSuccess: () => {},
    }
  }
}

let server: TestServer
beforeEach(async () => {
  server = await startTestServer({
    authenticator: passwordAuthenticator({ users: { alice: 'secret' } }),
    protocolVersions: [4],
  })
})
afterEach(() => server.stop())

function clientWith(authProvider: auth.AuthProvider, authenticationTimeout: number): Client {
  return new Client({
    ...server.clientOptions,
    authProvider,
    pooling: { heartBeatInterval: 0 },
    protocolOptions: { ...server.clientOptions.protocolOptions, maxVersion: 4 },
    // The types are those of the released driver, which does not have this option.
    socketOptions: Object.assign({ readTimeout: 12_000 }, { authenticationTimeout }),
  })
}

test('connect() fails with the reason, the connection is closed, and a late answer is not sent', async () => {
  const provider = new SilentProvider('alice', 'secret')
  const client = clientWith(provider, 50)
  const error = await Promise.race([client.connect().catch((reason: unknown) => reason), afterwards(5_000)])
  expect(error).toBeInstanceOf(errors.NoHostAvailableError)
  const [inner] = Object.values((error as errors.NoHostAvailableError).innerErrors)
  expect(inner).toBeInstanceOf(errors.AuthenticationError)
  provider.callbacks[0]?.(null, Buffer.from('\0alice\0secret'))
  await client.shutdown()
  expect(server.logins).toHaveLength(0)
})

/** A driver without the limit never answers, so the test has its own limit. */
function afterwards(ms: number): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve('nothing happened'), ms).unref())
}
