import { type AuthError, findAuthError } from '@x/auth-core'
import {
  anonymousServer,
  cramMd5Server,
  createCertificates,
  type DigestMd5LieName,
  digestMd5Lies,
  digestMd5Server,
  dseAuthenticator,
  externalServer,
  type MechanismFactory,
  oauthBearerServer,
  plainServer,
  type ScramLieName,
  saslAuthenticator,
  scramLies,
  scramServer,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from '@x/auth-testserver'
import { Client, type ClientOptions } from 'cassandra-driver'
import { type SaslAuthOptions, SaslAuthProvider } from '../src/index.js'

let server: TestServer | undefined
let client: Client | undefined
let lastError: AuthError | undefined

afterEach(async () => {
  await client?.shutdown()
  await server?.stop()
  client = server = undefined
})

async function serve(mechanism: MechanismFactory, options: TestServerOptions = {}): Promise<TestServer> {
  server = await startTestServer({ authenticator: saslAuthenticator(mechanism), ...options })
  return server
}

/** Connects with the stock driver: who is logged in, or the code of what went wrong. */
async function login(options: SaslAuthOptions, more: Partial<ClientOptions> = {}): Promise<string> {
  await client?.shutdown()
  client = new Client({
    ...(server as TestServer).clientOptions,
    authProvider: new SaslAuthProvider(options),
    pooling: { heartBeatInterval: 0 },
    ...more,
  })
  try {
    await client.connect()
    return `logged in as ${(server as TestServer).logins.at(-1)?.username}`
  } catch (error) {
    lastError = findAuthError(error)
    return lastError?.code ?? String(error)
  }
}

const users = { alice: 'wonder land ✓', 'zoë,=': 'IX' }
const alice = { username: 'alice', password: users.alice }
const mayActAs = (username: string, role: string) => `${username} ${role}` === 'alice admin,=ü'
const passwordMechanisms = [
  'SCRAM-SHA-1',
  'SCRAM-SHA-256',
  'SCRAM-SHA-512',
  'DIGEST-MD5',
  'CRAM-MD5',
  'PLAIN',
] as const

function serverOf(mechanism: (typeof passwordMechanisms)[number]): MechanismFactory {
  switch (mechanism) {
    case 'DIGEST-MD5':
      return digestMd5Server({ users, mayActAs, digestUri: 'cassandra/127.0.0.1' })
    case 'CRAM-MD5':
      return cramMd5Server({ users })
    case 'PLAIN':
      return plainServer({ users, mayActAs })
    default:
      return scramServer({ mechanism, users, mayActAs })
  }
}

describe.each(passwordMechanisms)('%s with the stock driver', (mechanism) => {
  test('the right password, a second login, a name beyond ASCII', async () => {
    await serve(serverOf(mechanism))
    expect(await login({ mechanism, ...alice })).toBe('logged in as alice')
    expect(await login({ mechanism, ...alice })).toBe('logged in as alice')
    expect(await login({ mechanism, username: 'zoë,=', password: 'IX' })).toBe('logged in as zoë,=')
  })

  test('a wrong password and an unknown user are refused', async () => {
    await serve(serverOf(mechanism))
    expect(await login({ mechanism, ...alice, password: 'guess' })).toBe('LOGIN_REFUSED')
    expect(await login({ mechanism, ...alice, username: 'bob' })).toBe('LOGIN_REFUSED')
  })

  if (mechanism !== 'CRAM-MD5') {
    test('an authorization id is allowed or refused by the server', async () => {
      await serve(serverOf(mechanism))
      expect(await login({ mechanism, ...alice, authorizationId: 'admin,=ü' })).toBe('logged in as admin,=ü')
      expect(await login({ mechanism, ...alice, authorizationId: 'root' })).toBe('LOGIN_REFUSED')
    })
  }

  test('by the negotiation of DseAuthenticator', async () => {
    await serve(serverOf(mechanism))
    server?.setAuthenticator(dseAuthenticator({ mechanisms: { [mechanism]: serverOf(mechanism) } }))
    expect(await login({ mechanism, ...alice })).toBe('logged in as alice')
  })
})

test('SASLprep makes two ways to type a password one', async () => {
  await serve(scramServer({ users }))
  const mechanism = 'SCRAM-SHA-256'
  expect(
    await login({ mechanism, username: 'zoë,=', password: 'I\u00ad\u2169'.replace('\u2169', 'X') }),
  ).toBe('logged in as zoë,=')
  expect(await login({ mechanism, username: 'zo\u00ade\u0308,=', password: '\u2168' })).toBe(
    'logged in as zoë,=',
  )
})

describe.each(['SCRAM-SHA-256', 'DIGEST-MD5'] as const)('%s: a proof that the driver drops', (mechanism) => {
  const proving =
    mechanism === 'DIGEST-MD5'
      ? digestMd5Server({ users, proofIn: 'success' })
      : scramServer({ users, proofIn: 'success' })

  test('is not a proof by default', async () => {
    await serve(proving)
    expect(await login({ mechanism, ...alice })).toBe('SERVER_NOT_VERIFIED')
  })

  test('can be done without, by name', async () => {
    await serve(proving)
    expect(await login({ mechanism, ...alice, serverVerification: 'when-sent' })).toBe('logged in as alice')
  })
})

const scramCodes: Record<ScramLieName, string> = {
  'nonce-equal': 'SCRAM_NONCE_INVALID',
  'nonce-shorter': 'SCRAM_NONCE_INVALID',
  'nonce-foreign': 'SCRAM_NONCE_INVALID',
  'salt-empty': 'CHALLENGE_INVALID',
  'iterations-nan': 'CHALLENGE_INVALID',
  'iterations-zero': 'CHALLENGE_INVALID',
  'iterations-one': 'SCRAM_ITERATIONS_OUT_OF_RANGE',
  'iterations-below-floor': 'SCRAM_ITERATIONS_OUT_OF_RANGE',
  'iterations-above-ceiling': 'SCRAM_ITERATIONS_OUT_OF_RANGE',
  'iterations-2^53': 'SCRAM_ITERATIONS_OUT_OF_RANGE',
  'mandatory-extension': 'SCRAM_EXTENSION_REQUIRED',
  'duplicate-attribute': 'CHALLENGE_INVALID',
  'error-first': 'LOGIN_REFUSED',
  'success-before-first': 'UNEXPECTED_SUCCESS',
  'success-before-final': 'SERVER_NOT_VERIFIED',
  'signature-wrong': 'SERVER_NOT_VERIFIED',
  'signature-empty': 'SERVER_NOT_VERIFIED',
  'signature-missing': 'SERVER_NOT_VERIFIED',
  'signature-replaced-by-error': 'SCRAM_SERVER_ERROR',
  'refusal-as-final': 'LOGIN_REFUSED',
  'extra-step': 'UNEXPECTED_CHALLENGE',
}

describe('a lying server', () => {
  test.each(Object.keys(scramLies) as ScramLieName[])('SCRAM, %s: nobody is logged in', async (lie) => {
    // It knows no password, but pretends: what it cannot compute it makes up.
    await serve(
      scramServer({
        users: { alice: 'the server guesses' },
        lie: { acceptsAnything: true, ...scramLies[lie] },
      }),
    )
    const mechanism = 'SCRAM-SHA-256'
    const code = lie === 'extra-step' ? 'SERVER_NOT_VERIFIED' : scramCodes[lie]
    expect(await login({ mechanism, ...alice })).toBe(code)
  })

  test.each(Object.keys(scramLies) as ScramLieName[])(
    'SCRAM, %s, of one that knows the password: no better',
    async (lie) => {
      await serve(scramServer({ users, lie }))
      expect(await login({ mechanism: 'SCRAM-SHA-256', ...alice })).toBe(scramCodes[lie])
    },
  )

  const digestCodes: Record<DigestMd5LieName, string> = {
    'two-nonces': 'CHALLENGE_INVALID',
    'no-nonce': 'CHALLENGE_INVALID',
    'no-qop-auth': 'DIGEST_QOP_UNSUPPORTED',
    'algorithm-missing': 'CHALLENGE_INVALID',
    'algorithm-other': 'CHALLENGE_INVALID',
    'rspauth-first': 'CHALLENGE_INVALID',
    'rspauth-wrong': 'SERVER_NOT_VERIFIED',
    'rspauth-empty': 'SERVER_NOT_VERIFIED',
    'rspauth-missing': 'SERVER_NOT_VERIFIED',
    'success-before-challenge': 'UNEXPECTED_SUCCESS',
    'success-before-final': 'SERVER_NOT_VERIFIED',
    'extra-step': 'UNEXPECTED_CHALLENGE',
  }

  test.each(Object.keys(digestMd5Lies) as DigestMd5LieName[])(
    'DIGEST-MD5, %s: nobody is logged in',
    async (lie) => {
      await serve(digestMd5Server({ users, lie }))
      expect(await login({ mechanism: 'DIGEST-MD5', ...alice })).toBe(digestCodes[lie])
    },
  )
})

describe('EXTERNAL with a client certificate', () => {
  test('is who the certificate says, or a role that this one may have', async () => {
    const { ca, server: own } = await createCertificates()
    const { certPem, keyPem } = await ca.issue({ commonName: 'alice', usage: 'client' })
    await serve(externalServer({ mayActAs: (user, role) => user === 'alice' && role === 'admin' }), {
      tls: { cert: own.certPem, key: own.keyPem, ca: ca.certPem, requestClientCertificate: 'require' },
    })
    const over = {
      sslOptions: {
        ca: [ca.certPem],
        cert: certPem,
        key: keyPem,
        rejectUnauthorized: true,
        maxVersion: 'TLSv1.2' as const,
      },
    }
    expect(await login({ mechanism: 'EXTERNAL' }, over)).toBe('logged in as alice')
    expect(await login({ mechanism: 'EXTERNAL', authorizationId: 'admin' }, over)).toBe('logged in as admin')
    expect(await login({ mechanism: 'EXTERNAL', authorizationId: 'root' }, over)).toBe('LOGIN_REFUSED')
  })

  test('is nobody without one', async () => {
    await serve(externalServer())
    expect(await login({ mechanism: 'EXTERNAL' })).toBe('LOGIN_REFUSED')
  })
})

test.each([
  externalServer({ identify: () => 'someone', asksAgain: true }),
  anonymousServer({ asksAgain: true }),
])('a server that takes zero bytes for no message is told again', async (mechanism) => {
  await serve(mechanism)
  expect(await login({ mechanism: 'EXTERNAL' })).toMatch(/^logged in as/)
})

test('ANONYMOUS leaves a trace, or none', async () => {
  await serve(anonymousServer())
  expect(await login({ mechanism: 'ANONYMOUS' })).toBe('logged in as anonymous')
  expect(await login({ mechanism: 'ANONYMOUS', trace: 'zoë@example.com' })).toBe(
    'logged in as anonymous:zoë@example.com',
  )
})

describe('OAUTHBEARER', () => {
  test('logs in, acts as a role, and tells what else it was told to tell', async () => {
    const pairs: string[] = []
    await serve(
      oauthBearerServer({
        tokens: { abc: 'alice' },
        mayActAs: (_, role) => role === 'a=b,c',
        onPairs: (given) => pairs.push([...given].join(' ')),
      }),
    )
    const mechanism = 'OAUTHBEARER'
    expect(await login({ mechanism, token: 'abc' })).toBe('logged in as alice')
    expect(await login({ mechanism, token: async () => 'abc', authorizationId: 'a=b,c' })).toBe(
      'logged in as a=b,c',
    )
    const host = ({ address }: { address: string }) => address
    await login({ mechanism, token: 'abc', host, port: 9042, extensions: { traceId: '42' } })
    expect(pairs.at(-1)).toBe('host,127.0.0.1 port,9042 traceId,42')
  })

  test('a refused token: its status is in the error, and the server gets its byte 01', async () => {
    const refusal = {
      status: 'invalid_token',
      scope: 'cql',
      'openid-configuration': 'https://issuer.example/',
    }
    const { transcript } = await serve(oauthBearerServer({ tokens: {}, refusal }))
    expect(await login({ mechanism: 'OAUTHBEARER', token: 'abc' })).toBe('OAUTHBEARER_REFUSED')
    expect(lastError).toMatchObject({
      mechanism: 'OAUTHBEARER',
      details: { status: 'invalid_token' },
    })
    await server?.drained()
    expect(JSON.stringify(transcript.call(server, { redact: false }))).toContain('The token was refused')
  })
})
