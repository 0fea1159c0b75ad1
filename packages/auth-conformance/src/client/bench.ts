import { BaseAuthProvider, type DriverAuthProvider, finish, plain } from '@x/auth-core/base'
import { passwordAuthenticator, startTestServer, type TestServer } from '@x/auth-testserver'
import { auth, Client, type ClientOptions } from 'cassandra-driver'
import { ClauseFailure, check } from '../clause.js'
import { Bench } from '../lib/bench.js'
import { describeValue, isError, within } from '../lib/time/waiting.js'
import { type SuiteCertificates, suiteCertificates } from '../tls/certificates.js'
import type { ClientSubject } from './subject.js'

const attemptBoundMs = 8_000
const user = { username: 'alice', password: 'correct horse' }

/**
 * `right`: the right server. `stranger`: a server with a certificate of an unknown authority. `clear`: a server without
 * TLS.
 */
export type Peer = 'right' | 'stranger' | 'clear'

class GuardedAuthProvider extends BaseAuthProvider<unknown> {}

/** The tools of the clauses about a client's options. */
export class ClientBench extends Bench {
  constructor(readonly subject: ClientSubject) {
    super()
  }

  certificates(): Promise<SuiteCertificates> {
    return suiteCertificates()
  }

  /** A provider that sends its password readable: the driver's own. */
  readable(): DriverAuthProvider {
    return new auth.PlainTextAuthProvider(user.username, user.password) as DriverAuthProvider
  }

  /** A provider whose credentials arrive when `give` is called. */
  waiting(): { provider: DriverAuthProvider; give: () => void } {
    const source: { give?: (credentials: object) => void } = {}
    const credentials = new Promise<object>((resolve) => (source.give = resolve))
    const provider = new GuardedAuthProvider({ mechanisms: [plain], credentials: () => credentials })
    return { provider, give: () => source.give?.(user) }
  }

  /** A provider that sends nothing readable, except what is named. */
  guarded(exposes?: string): DriverAuthProvider {
    const mechanism = {
      name: 'X-GUARDED',
      clientFirst: true,
      mutual: false,
      cleartext: false,
      exposes,
      spec: 'none',
      parseCredentials: () => undefined,
      async *converse() {
        yield finish(Buffer.from('x'))
      },
    } as const
    return new GuardedAuthProvider({ mechanisms: [mechanism], credentials: {} })
  }

  /** Plain `sslOptions` that verify the right server. */
  async verifying(changes: object = {}): Promise<object> {
    const { ca } = await this.certificates()
    return { rejectUnauthorized: true, ca: ca.certPem, ...changes }
  }

  async serve(peer: Peer): Promise<TestServer> {
    const { good, ofStranger } = (await this.certificates()).servers
    const { chainPem: cert, keyPem: key } = peer === 'right' ? good : ofStranger
    const server = await startTestServer({
      authenticator: passwordAuthenticator({ users: { [user.username]: user.password } }),
      ...(peer !== 'clear' && { tls: { cert, key } }),
    })
    this.defer(() => server.stop())
    return server
  }

  /** Options of a client that logs in with a password, as a user writes them. */
  options(changes: object = {}, server?: TestServer): object {
    return {
      ...(server?.clientOptions ?? { contactPoints: ['127.0.0.1'], localDataCenter: 'datacenter1' }),
      authProvider: this.readable(),
      pooling: { heartBeatInterval: 0 },
      socketOptions: { readTimeout: 5_000, connectTimeout: 60_000 },
      ...changes,
    }
  }

  /** The accepted options; undefined if they are refused. */
  judge(options: object): ClientOptions | undefined {
    try {
      return this.subject.judge(options as ClientOptions)
    } catch (error) {
      check(isError(error), `refused with ${describeValue(error)}, which is not an Error`)
      return undefined
    }
  }

  accepts(options: object, what: string): ClientOptions {
    try {
      return this.subject.judge(options as ClientOptions)
    } catch (error) {
      throw new ClauseFailure(`${what}: refused with ${describeValue(error)}`)
    }
  }

  refuses(options: object, what: string): void {
    check(this.judge(options) === undefined, `accepted: ${what}`)
  }

  /** Calls connect() of the stock driver. Returns the error that it ends with. */
  async connect(options: ClientOptions): Promise<unknown> {
    let client: Client
    try {
      client = new Client(options)
    } catch (error) {
      return error
    }
    this.defer(() => client.shutdown())
    return within(attemptBoundMs, 'connect() did not end', () =>
      client.connect().then(
        () => undefined,
        (error: unknown) => error ?? new Error('connect() rejected with nothing'),
      ),
    )
  }

  /**
   * Checks that only the right server gets a login. `write` makes options for a server; after they were judged,
   * `change` may change them.
   */
  async keepsFromStrangers(
    write: (own: Record<string, unknown>, sslOptions: object) => object,
    what: string,
    change: (written: object) => void = () => undefined,
  ): Promise<void> {
    for (const peer of ['stranger', 'clear'] as const) {
      for (const authProvider of [this.readable(), this.guarded()]) {
        const server = await this.serve(peer)
        const written = write({ ...this.options({ authProvider }, server) }, await this.verifying())
        const judged = this.judge(written)
        if (!judged) continue
        change(written)
        await this.connect(judged)
        const sent = server
          .transcript()
          .some(({ type }) => type === 'AUTH_RESPONSE' || type === 'CREDENTIALS')
        check(!sent, `${what}: accepted, and ${peer === 'clear' ? 'sent without TLS' : 'sent to a stranger'}`)
      }
    }
  }
}
