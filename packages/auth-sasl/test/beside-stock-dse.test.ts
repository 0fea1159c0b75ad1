/**
 * The table of docs/dse.md: what the driver's own DSE providers do, and what ours do, each as it is seen here. With
 * UPDATE_TABLES=1 the table is written; else a difference is a failure.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import {
  dseAuthenticator,
  type GssapiServerOptions,
  type PretendKerberos,
  pretendKerberos,
  type TicketRequest,
} from '@x/auth-testserver'
import { auth } from 'cassandra-driver'
import { SaslAuthProvider } from '../src/index.js'
import { type StockOptions, stockGssapi, withCallbacks } from './support/stock-gssapi.js'

const dse = 'com.datastax.bdp.cassandra.auth.DseAuthenticator'
/** Of the rows in which it decides; the others have the default. */
const deadlineMs = 200

/** After this, nothing more is expected: ten times the deadline and more, on a busy machine too. */
const patienceMs = 5_000

/** Plays the driver on one connection: a token, or in words how the login ended. */
class Login {
  readonly #authenticator: auth.Authenticator
  readonly #calls: (Buffer | string)[] = []
  #wake = () => {}

  constructor(provider: auth.AuthProvider, endpoint = '10.0.0.1:9042') {
    this.#authenticator = provider.newAuthenticator(endpoint, dse)
  }

  begin(): Promise<Buffer | string> {
    return this.#ask(() => this.#authenticator.initialResponse(this.#callback))
  }

  challenge(token: Uint8Array | null): Promise<Buffer | string> {
    return this.#ask(() => this.#authenticator.evaluateChallenge(token as Buffer, this.#callback))
  }

  /** An objection counts only if it is synchronous: the driver goes on at once. */
  succeed(): string {
    const seen = this.#calls.length
    this.#authenticator.onAuthenticationSuccess()
    return String(this.#calls[seen] ?? 'logs in')
  }

  /** The whole login against a server. */
  async against(server = dseAuthenticator({})): Promise<string> {
    const exchange = server.newExchange({} as never)
    let token = await this.begin()
    while (typeof token !== 'string') {
      const reply = await exchange.respond(token)
      if ('failure' in reply) return 'answers, and the server refuses'
      if ('success' in reply) return this.succeed()
      token = await this.challenge(reply.challenge)
    }
    return token
  }

  /** What the provider says by itself, while the server says nothing. */
  async waitForServer(): Promise<string> {
    return String(await this.#ask(() => undefined))
  }

  readonly #callback = (error: Error | null, token?: Buffer) => {
    const code = (error as { code?: string } | null)?.code
    this.#calls.push(error ? (code ? `\`${code}\`` : 'fails') : (token ?? Buffer.alloc(0)))
    this.#wake()
  }

  async #ask(call: () => void): Promise<Buffer | string> {
    const seen = this.#calls.length
    try {
      call()
    } catch {
      return 'throws into the driver: the process crashes'
    }
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, patienceMs)))
    const called = new Promise<void>((resolve) => (this.#wake = resolve))
    if (this.#calls.length === seen) await Promise.race([called, patience])
    clearTimeout(timer)
    return this.#calls[seen] ?? 'does not answer: the login hangs'
  }
}

/** Both sides of one row: the driver's provider and ours, each with a Kerberos of its own. */
type Row = readonly [what: string, stock: () => Promise<string>, ours: () => Promise<string>]

interface Given {
  readonly stock?: StockOptions
  readonly ours?: object
  readonly kdc?: (request: TicketRequest) => Promise<void>
}

type Seen = (provider: auth.AuthProvider, pretend: PretendKerberos) => Promise<string>

/** A row about GSSAPI: the same is done with both providers, and seen. */
function gssapi(what: string, see: Seen, { stock = {}, ours = {}, kdc }: Given = {}): Row {
  const kerberos = () => pretendKerberos(kdc ? { kdc } : {})
  return [
    what,
    async () => {
      const pretend = kerberos()
      return see(stockGssapi(withCallbacks(pretend.kerberos), stock), pretend)
    },
    async () => {
      const pretend = kerberos()
      const options = { mechanism: 'GSSAPI', kerberos: pretend.kerberos, ...ours }
      return see(new SaslAuthProvider(options as never), pretend)
    },
  ]
}

/** A row about PLAIN. */
function plain(what: string, password: string, see: (provider: auth.AuthProvider) => Promise<string>): Row {
  const shown = async (make: () => auth.AuthProvider) => {
    try {
      return await see(make())
    } catch (error) {
      return `\`${(error as { code?: string }).code}\``
    }
  }
  return [
    what,
    () => shown(() => new auth.DsePlainTextAuthProvider('alice', password)),
    () => shown(() => new SaslAuthProvider({ mechanism: 'PLAIN', username: 'alice', password, deadlineMs })),
  ]
}

const serverOf = (pretend: PretendKerberos, options: GssapiServerOptions) =>
  dseAuthenticator({ mechanisms: { GSSAPI: pretend.server(options) } })

const lying = (lie: NonNullable<GssapiServerOptions['lie']>): Seen => {
  return async (provider, pretend) => {
    const end = await new Login(provider).against(serverOf(pretend, { lie }))
    const [crash] = pretend.crashes
    if (!crash) return end
    return crash.includes('memory')
      ? 'sends bytes from the memory of the process'
      : 'native code: the process crashes'
  }
}

const askedFor = (endpoint: string): Seen => {
  return async (provider, pretend) => {
    await new Login(provider, endpoint).against(serverOf(pretend, {}))
    return pretend.requests.map(({ server }) => `\`${server}\``).join()
  }
}

const answeredWith = (answer: string | null): Seen => {
  return async (provider) => {
    const login = new Login(provider)
    await login.begin()
    const token = await login.challenge(answer === null ? null : Buffer.from(answer))
    return typeof token === 'string' ? token : 'sends its ticket'
  }
}

/** What an answer to the offer of layers is made of: 01 for none, and the largest message that the client takes. */
const choiceOf: Seen = async (provider, pretend) => {
  const { kerberos } = pretend
  const { initializeClient } = kerberos
  let chosen = 'nothing'
  kerberos.initializeClient = async (...args) => {
    const client = await initializeClient(...args)
    const wrap = client.wrap.bind(client)
    client.wrap = (given, options) => {
      const [, ...size] = Buffer.from(given, 'base64')
      chosen = `\`01 ${size.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}\``
      return wrap(given, options)
    }
    return client
  }
  await new Login(provider).against(serverOf(pretend, { offer: Buffer.of(1, 1, 0, 0) }))
  return chosen
}

/** npm `kerberos` from version 3 on. */
const promisesOnly: Row = [
  'with npm `kerberos` 7, which has promises and no callbacks',
  async () => new Login(stockGssapi(pretendKerberos().kerberos)).against(),
  async () => {
    const pretend = pretendKerberos()
    const provider = new SaslAuthProvider({ mechanism: 'GSSAPI', kerberos: pretend.kerberos })
    return new Login(provider).against(serverOf(pretend, {}))
  },
]

const rows: readonly Row[] = [
  promisesOnly,
  gssapi('the name in Kerberos of the server at `2001:db8::1`, port 9042', askedFor('2001:db8::1:9042')),
  gssapi('the name in Kerberos of the server at `::1`, port 9042', askedFor('::1:9042')),
  gssapi(
    'the KDC does not answer',
    (provider, pretend) => new Login(provider).against(serverOf(pretend, {})),
    {
      kdc: () => new Promise(() => undefined),
      ours: { deadlineMs },
    },
  ),
  gssapi(
    'the function that returns the name of the host throws',
    (provider, pretend) => new Login(provider).against(serverOf(pretend, {})),
    {
      stock: {
        hostNameResolver: () => {
          throw new Error('no such host')
        },
      },
      ours: {
        host: () => {
          throw new Error('no such host')
        },
      },
    },
  ),
  gssapi('the server answers the name `GSSAPI` with `PLAIN-START`', answeredWith('PLAIN-START')),
  gssapi('the server answers the name `GSSAPI` with no token', answeredWith(null)),
  gssapi('the server reports success right after the name', async (provider) => {
    const login = new Login(provider)
    await login.begin()
    return login.succeed()
  }),
  gssapi('the server reports success before it has proved its identity', lying('success-before-reply')),
  gssapi('the server requires a security layer', lying('layers-only')),
  gssapi(
    'the answer if the server offers no layer or integrity, with a size of 65 536 bytes (`01 01 00 00`, as Java does); without a layer, the size must be 0 (RFC 4752 §3.1)',
    choiceOf,
  ),
  gssapi('the offer of security layers is empty', lying('payload-empty')),
  gssapi('the offer of security layers has one byte', lying('payload-of-1-byte')),
  plain('PLAIN, an empty password', '', () => Promise.resolve('is sent')),
  plain('PLAIN, a password with a NUL', 'a\0b', () => Promise.resolve('is sent')),
  plain('PLAIN, `util.inspect(provider)`', 'correct horse', async (provider) =>
    inspect(provider, { depth: 9, showHidden: true }).includes('correct horse')
      ? 'shows the password'
      : 'shows no password',
  ),
  plain('PLAIN, the server does not answer after `PLAIN-START`', 'correct horse', async (provider) => {
    const login = new Login(provider)
    await login.begin()
    await login.challenge(Buffer.from('PLAIN-START'))
    return login.waitForServer()
  }),
]

const page = join(__dirname, '../../../docs/dse.md')
const [begin, end] = [
  '<!-- beside the stock DSE providers -->',
  '<!-- end of beside the stock DSE providers -->',
]

test('docs/dse.md says what is seen', async () => {
  const seen = await Promise.all(rows.map(async ([what, stock, ours]) => [what, await stock(), await ours()]))
  const lines = [['', "the driver's", 'ours'], ['---', '---', '---'], ...seen].map(
    (row) => `| ${row.join(' | ')} |`,
  )
  const text = readFileSync(page, 'utf8')
  const before = text.slice(0, text.indexOf(begin) + begin.length)
  const after = text.slice(text.indexOf(end))
  const rendered = `${before}\n${lines.join('\n')}\n${after}`
  if (process.env['UPDATE_TABLES'] === '1') writeFileSync(page, rendered)
  else expect(text).toBe(rendered)
})
