/**
 * Attacks on logins that are bound to their TLS connection, by somebody in between who has a certificate of the same CA for
 * the same name: nobody may be let in. This file runs once for each version of the driver that we support.
 */
import { findAuthError } from '@x/auth-core'
import {
  type Certificates,
  createCertificates,
  dseAuthenticator,
  type IssuedCertificate,
  type ServerAuthenticator,
  saslAuthenticator,
  scramServer,
  startTestServer,
  type TestServer,
} from '@x/auth-testserver'
import { type TlsProfile, verifyServer } from '@x/tls-profiles'
import { auth, Client } from 'cassandra-driver'
import { SaslAuthProvider } from '../../src/index.js'
import {
  changingTokens,
  type InBetween,
  type InBetweenOptions,
  opcodes,
  standInBetween,
  tokenMessage,
} from '../support/in-between.js'

type Version = 'TLSv1.2' | 'TLSv1.3'
type Type = 'tls-server-end-point' | 'tls-exporter'
type Options = ConstructorParameters<typeof SaslAuthProvider>[0]

const users = { alice: 'correct horse' }
const alice = { username: 'alice', password: 'correct horse' }
const PLUS = 'SCRAM-SHA-256-PLUS'
const BARE = 'SCRAM-SHA-256'
const types: readonly Type[] = ['tls-server-end-point', 'tls-exporter']

/** RFC 9266 §3: TLS 1.2 has no exporter that a login may be bound to, as far as Node says. */
const connections: readonly (readonly [Version, Type])[] = [
  ['TLSv1.2', 'tls-server-end-point'],
  ['TLSv1.3', 'tls-server-end-point'],
  ['TLSv1.3', 'tls-exporter'],
]
const exporting: typeof connections = [['TLSv1.3', 'tls-exporter']]
const renegotiable: typeof connections = [['TLSv1.2', 'tls-server-end-point']]
/** What a server of TLS 1.2 does not have makes no difference either. */
const unexportable: typeof connections = [['TLSv1.2', 'tls-exporter']]

interface Shown {
  /** The server's own: its key was stolen. */
  readonly own: IssuedCertificate
  /** Another of the same CA, for the same name. */
  readonly same: IssuedCertificate
  readonly sameAgain: IssuedCertificate
  readonly otherName: IssuedCertificate
}

interface Attack {
  readonly on: typeof connections
  /** Default: a server of -PLUS with both types. */
  readonly server?: (type: Type) => ServerAuthenticator
  /** Default: `channelBinding: 'require'`. */
  readonly client?: (type: Type) => Options
  /** Default: shows another certificate of the same CA, and passes everything on. */
  readonly between?: (shown: Shown, type: Type) => Partial<InBetweenOptions>
  /** Whether the client resumes a session that it has with the one in between. */
  readonly resumes?: true
  /**
   * The code of the client's error, or the server's reason to refuse (RFC 5802 §7: server-error-value). `alice` is let in: no
   * attack, but it shows that nothing else keeps her out.
   */
  readonly outcome: string
}

const plusServer = (channelBinding = types) =>
  saslAuthenticator(scramServer({ users, mechanism: PLUS, channelBinding }))
/** Has -PLUS as well, as a server with a list of mechanisms: so it takes a client at its word that cannot bind. */
const ableServer = () => saslAuthenticator(scramServer({ users, mechanism: BARE, channelBinding: types }))
const preferring = (channelBindingType: Type): Options => ({
  mechanism: BARE,
  channelBinding: 'prefer',
  channelBindingType,
  ...alice,
})
const stripped = { server: ableServer, client: preferring, outcome: 'server-does-support-channel-binding' }

const mismatch = 'channel-bindings-dont-match'
/** The client signed other words. */
const wrongProof = 'Authentication failed'

/** `c=` of a client's last message, with what it is bound to changed. */
function rebound(token: string, change: (data: Buffer) => Buffer): string {
  return token.replace(/^c=([^,]+)/, (_, input: string) => {
    const bytes = Buffer.from(input, 'base64')
    const header = bytes.indexOf(',,') + 2
    return `c=${Buffer.concat([bytes.subarray(0, header), change(bytes.subarray(header))]).toString('base64')}`
  })
}

/** The GS2 header of both messages, with the data gone. */
const reheaded = (header: string) =>
  changingTokens((token) =>
    token
      .replace(/^(?:[ny]|p=[a-z-]+),,/, header)
      .replace(/^c=[^,]+/, `c=${Buffer.from(header).toString('base64')}`),
  )

const attacks: Readonly<Record<string, Attack>> = {
  'none: the same with the key of the server': {
    on: renegotiable,
    between: ({ own }) => ({ shown: own }),
    outcome: 'alice',
  },
  'none: the same, resumed': {
    on: connections.filter(([, type]) => type === 'tls-server-end-point'),
    between: ({ own }) => ({ shown: own }),
    resumes: true,
    outcome: 'alice',
  },
  'none: the same, renegotiated': {
    on: renegotiable,
    between: ({ own, same }) => ({ shown: same, renegotiate: { before: opcodes.STARTUP, with: own } }),
    outcome: 'alice',
  },
  'none: what `off` and `n` give up': {
    on: [...connections, ...unexportable],
    server: ableServer,
    client: () => ({ mechanism: BARE, channelBinding: 'off', ...alice }),
    outcome: 'alice',
  },

  'the list is stripped of -PLUS': { on: connections, ...stripped },
  'the list is stripped of -PLUS, on a resumed session': { on: connections, ...stripped, resumes: true },
  'the list is stripped of -PLUS, on a connection that has no exporter': { on: unexportable, ...stripped },
  'the list is stripped of -PLUS in the words of the server': {
    on: connections,
    server: () =>
      dseAuthenticator({
        mechanisms: { [PLUS]: scramServer({ users, mechanism: PLUS }), [BARE]: scramServer({ users }) },
      }),
    client: (channelBindingType) => ({
      mechanisms: [
        { mechanism: PLUS, channelBindingType, ...alice },
        { mechanism: BARE, ...alice },
      ],
    }),
    between: () => ({
      response: (message) =>
        message.opcode === opcodes.AUTH_CHALLENGE && message.body.includes(`${PLUS}-START`)
          ? tokenMessage(opcodes.AUTH_CHALLENGE, `${BARE}-START`)
          : message,
    }),
    outcome: 'CHALLENGE_INVALID',
  },

  'n for y': {
    on: connections,
    ...stripped,
    between: () => ({ request: changingTokens((token) => token.replace(/^y,,/, 'n,,')) }),
    outcome: 'c= is not the GS2 header',
  },
  'n for y, in both messages': {
    on: connections,
    ...stripped,
    between: () => ({ request: reheaded('n,,') }),
    outcome: wrongProof,
  },
  'n for p, in both messages': {
    on: connections,
    server: ableServer,
    between: () => ({ request: reheaded('n,,') }),
    outcome: wrongProof,
  },

  'another type of binding': {
    on: connections,
    between: (_, type) => {
      const other = types.find((each) => each !== type) as Type
      return { request: changingTokens((token) => token.replace(`p=${type}`, `p=${other}`)) }
    },
    outcome: mismatch,
  },
  'another type of binding than the server has': {
    on: connections,
    server: (type) => plusServer(types.filter((each) => each !== type)),
    outcome: 'unsupported-channel-binding-type',
  },

  'another certificate of the same CA': { on: connections, outcome: mismatch },
  'the same certificate, of which the key was stolen': {
    on: exporting,
    between: ({ own }) => ({ shown: own }),
    outcome: mismatch,
  },

  'a resumed session': { on: connections, resumes: true, outcome: mismatch },
  'a resumed session, of which the key was stolen': {
    on: exporting,
    between: ({ own }) => ({ shown: own }),
    resumes: true,
    outcome: mismatch,
  },
  'a resumed session of TLS 1.2, whose secrets two connections may share': {
    on: unexportable,
    resumes: true,
    outcome: 'CHANNEL_BINDING_UNAVAILABLE',
  },

  'a renegotiated name: another server': {
    on: renegotiable,
    between: ({ otherName }) => ({ renegotiate: { before: opcodes.STARTUP, with: otherName } }),
    outcome: 'NAME_MISMATCH',
  },
  'a renegotiated name: another certificate of the same': {
    on: renegotiable,
    between: ({ sameAgain }) => ({ renegotiate: { before: opcodes.STARTUP, with: sameAgain } }),
    outcome: mismatch,
  },
  'a renegotiated name: away from the right certificate, in the middle of the login': {
    on: renegotiable,
    between: ({ own, otherName }) => ({
      shown: own,
      renegotiate: { before: opcodes.AUTH_RESPONSE, with: otherName },
    }),
    outcome: 'NAME_MISMATCH',
  },
  'a renegotiated name: of the authenticator, instead of its challenge': {
    on: connections,
    between: ({ own }) => ({
      shown: own,
      response: (message) =>
        message.opcode === opcodes.AUTH_CHALLENGE
          ? { opcode: opcodes.AUTHENTICATE, body: nameOf('org.apache.cassandra.auth.PasswordAuthenticator') }
          : message,
    }),
    outcome: 'SERVER_ERROR',
  },

  'a binding that was cut short': {
    on: connections,
    between: ({ own }) => ({
      shown: own,
      request: changingTokens((token) => rebound(token, (data) => data.subarray(0, -1))),
    }),
    outcome: mismatch,
  },
  'a binding that was cut to nothing': {
    on: connections,
    between: ({ own }) => ({
      shown: own,
      request: changingTokens((token) => rebound(token, () => Buffer.alloc(0))),
    }),
    outcome: mismatch,
  },
}

/** [string] (§3). */
function nameOf(name: string): Buffer {
  return Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name)])
}

let certificates: Certificates
let shown: Shown
let server: TestServer
let between: InBetween | undefined
let profile: TlsProfile | undefined
beforeAll(async () => {
  certificates = await createCertificates()
  const { ca, server: own } = certificates
  const issue = (names: string[]) => ca.issue({ names })
  const [same, sameAgain, otherName] = await Promise.all(
    [['localhost'], ['localhost'], ['other.example']].map(issue),
  )
  shown = { own, same, sameAgain, otherName } as Shown
  server = await startTestServer({ tls: { cert: own.chainPem, key: own.keyPem } })
})
afterEach(async () => {
  profile?.close()
  await between?.close()
  between = profile = undefined
})
afterAll(() => server.stop())

function serve(maxVersion: Version, authenticator: ServerAuthenticator): void {
  const { chainPem: cert, keyPem: key } = shown.own
  server.setTls({ cert, key, maxVersion })
  server.setAuthenticator(authenticator)
  server.clear()
}

/** Logs in at a port and asks a query: who the server takes us for, its reason to refuse, or the code of the error. */
async function login(authProvider: auth.AuthProvider, port: number, sslOptions: TlsProfile): Promise<string> {
  const client = new Client({
    contactPoints: ['127.0.0.1'],
    localDataCenter: server.localDataCenter,
    authProvider,
    sslOptions: sslOptions as never,
    protocolOptions: { port, maxVersion: 4 },
    pooling: { heartBeatInterval: 0 },
  })
  try {
    await client.connect()
    await client.execute('SELECT release_version FROM system.local')
    return String(server.logins.at(-1)?.username)
  } catch (error) {
    const code = findAuthError(error)?.code ?? String(error)
    const refusal = server.transcript().findLast(({ type }) => type === 'ERROR')?.message
    return code === 'LOGIN_REFUSED' ? String(refusal) : code
  } finally {
    await client.shutdown()
  }
}

const cases = Object.entries(attacks).flatMap(([name, attack]) =>
  attack.on.map(([version, type]) => [name, version, type, attack] as const),
)

test.each(cases)('%s · %s · %s', async (_, version, type, attack) => {
  serve(version, attack.server?.(type) ?? plusServer())
  const { ca, port } = { ca: certificates.ca.certPem, port: server.port }
  const changes = attack.between?.(shown, type)
  between = await standInBetween({ shown: shown.same, ca, port, maxVersion: version, ...changes })
  profile = verifyServer({ ca, hostname: 'localhost', resumption: attack.resumes && { scope: 'name' } })
  const options = attack.client?.(type) ?? { mechanism: PLUS, channelBindingType: type, ...alice }
  const provider = new SaslAuthProvider(options)
  if (attack.resumes) {
    // A session is kept of a full handshake, however the login ended.
    await login(provider, between.port, profile)
    server.clear()
  }

  expect(await login(provider, between.port, profile)).toBe(attack.outcome)
  const letIn = attack.outcome === 'alice'
  expect(server.logins.length > 0).toBe(letIn)
  // Each is what it says it is.
  if (attack.resumes) expect(profile.status().sessions?.resumed).toBeGreaterThan(0)
  if (attack.resumes) expect(between.resumed).toContain(true)
  if (changes?.renegotiate && attack.outcome !== 'NAME_MISMATCH')
    expect(between.renegotiations).toBeGreaterThan(0)
})

describe.each(connections)('words of an earlier login, replayed · %s · %s', (version, type) => {
  test.each([
    ['a server whose nonces differ', undefined, type === 'tls-exporter' ? mismatch : 'r= is not our nonce'],
    // Then the binding alone is left, and only the exporter differs from one connection to the next.
    ...(type === 'tls-exporter'
      ? [['a server whose nonces are anyway', () => 'always-the-same', mismatch] as const]
      : []),
  ] as const)('%s', async (_, nonce, outcome) => {
    const factory = scramServer({ users, mechanism: PLUS, ...(nonce && { nonce }) })
    const recorded: Uint8Array[] = []
    serve(version, {
      ...saslAuthenticator(factory),
      newExchange(connection) {
        const exchange = factory(connection)
        return {
          respond(token) {
            recorded.push(token ?? Buffer.alloc(0))
            return exchange.respond(token)
          },
        }
      },
    })
    profile = verifyServer({ ca: certificates.ca.certPem, hostname: 'localhost' })
    const options = { mechanism: PLUS, channelBindingType: type, ...alice } as const
    expect(await login(new SaslAuthProvider(options), server.port, profile)).toBe('alice')
    server.clear()
    const words = recorded.splice(0)
    const replay = new (class extends (auth as unknown as { AuthProvider: new () => object }).AuthProvider {
      newAuthenticator() {
        const left = [...words]
        const next = (answer: (error: null, token?: Buffer) => void) => answer(null, left.shift() as Buffer)
        return {
          initialResponse: next,
          evaluateChallenge: (_challenge: Buffer, answer: never) => next(answer),
          onAuthenticationSuccess() {},
        }
      }
    })()
    expect(await login(replay as auth.AuthProvider, server.port, profile)).toBe(outcome)
    expect(recorded.slice(0, 2)).toEqual(words.slice(0, 2))
    expect(server.logins).toEqual([])
  })
})
