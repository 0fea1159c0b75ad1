import { adaptTo } from '@x/auth-core'
import { type DriverAuthProvider, type ProviderRecord, recordOf } from '@x/auth-core/base'
import {
  type ServerAuthenticator,
  type ServerExchange,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from '@x/auth-testserver'
import * as stockDriver from 'cassandra-driver'
import { LoginBench } from '../lib/bench.js'
import { isError, within } from '../lib/time/waiting.js'
import type { Account, ProviderScenario, ProviderSubject } from '../subject.js'
import { bytesOf, type Call, Dialogue } from './dialogue.js'

type Driver = typeof stockDriver
type Client = stockDriver.Client

/** How a connect() of the stock driver ended. */
export interface Attempt {
  readonly client: Client
  readonly error: Error | undefined
  /** The events `log` of the driver. */
  readonly log: readonly unknown[][]
}

/** Long enough, so that a login never ends because of it. */
const longDeadlineMs = 300_000
const attemptBoundMs = 8_000

/** The tools of the clauses about providers. */
export class ProviderBench extends LoginBench<ProviderSubject> {
  get driver(): Driver {
    return (this.subject.driver as unknown as Driver | undefined) ?? stockDriver
  }

  /** The record of a provider of this family; undefined for other providers. */
  get record(): ProviderRecord | undefined {
    return recordOf(this.create())
  }

  recordOf(provider: DriverAuthProvider): ProviderRecord | undefined {
    return recordOf(provider)
  }

  /** A source that settles only when the clause has ended. `whenAsked` waits until it was called. */
  stuckSource(): (() => Promise<never>) & { whenAsked(): Promise<void> } {
    return this.slowSource() as never
  }

  /** A source that the clause answers at any time, and that fails when the clause has ended. */
  slowSource() {
    let tell: () => void = () => {}
    const asked = new Promise<void>((resolve) => {
      tell = resolve
    })
    const answers: ((credentials: unknown) => void)[] = []
    const source = () => {
      tell()
      return new Promise<unknown>((resolve, reject) => {
        answers.push(resolve)
        this.defer(() => reject(new Error('the clause is over')))
      })
    }
    return Object.assign(source, {
      whenAsked: () => within(attemptBoundMs, 'the source was not asked', () => asked),
      answer: (credentials: unknown) => {
        for (const give of answers) give(credentials)
      },
    })
  }

  /**
   * Continues a login from its first message until the credentials are needed. Some providers need them at once, others
   * after the server's challenge.
   */
  async upToLast(dialogue: Dialogue, boundMs?: number): Promise<Call> {
    const exchange = this.exchange()
    let call = await dialogue.start(boundMs)
    for (let message = 1; message < this.subject.traits.messages && !call.error; message++) {
      const reply = await exchange.respond(bytesOf(call.token))
      if (!('challenge' in reply)) break
      call = await dialogue.challenge(reply.challenge, boundMs)
    }
    return call
  }

  /** Makes a provider, by default with correct credentials and with a deadline that no test waits for. */
  create(scenario: Partial<ProviderScenario> = {}): DriverAuthProvider {
    const { credentials } = this.account
    return this.subject.create({ credentials, deadlineMs: longDeadlineMs, ...scenario })
  }

  serverSide(accounts: readonly Account[] = [this.account]): ServerAuthenticator {
    return this.subject.server(accounts)
  }

  /** The class name that the subject's server sends in AUTHENTICATE. */
  get authenticatorName(): string {
    return this.serverSide().name ?? ''
  }

  /** The server's side of one login, without a network. */
  exchange(server: ServerAuthenticator = this.serverSide(), endpoint = '127.0.0.1:9042'): ServerExchange {
    return this.exchangeWith(server, endpoint)
  }

  /** Plays the driver on one connection. */
  dialogue(
    provider: DriverAuthProvider,
    endpoint = '127.0.0.1:9042',
    name = this.authenticatorName,
  ): Dialogue {
    return new Dialogue(provider.newAuthenticator(endpoint, name))
  }

  /** A dialogue in which the client has sent its last message, and the server's answer is next. */
  async upToVerdict(provider: DriverAuthProvider, endpoint?: string): Promise<Dialogue> {
    const dialogue = this.dialogue(provider, endpoint)
    await this.upToLast(dialogue)
    return dialogue
  }

  async serve(options: TestServerOptions = {}): Promise<TestServer> {
    const server = await startTestServer({ authenticator: this.serverSide(), ...options })
    this.defer(() => server.stop())
    return server
  }

  /** Calls connect() of the stock driver. By default the driver has no time-out. */
  connect(
    server: TestServer,
    provider: DriverAuthProvider,
    options: stockDriver.ClientOptions = {},
    boundMs?: number,
  ): Promise<Attempt> {
    return this.beginConnect(server, provider, options, boundMs).ended
  }

  /** The same, for a clause that does something meanwhile. */
  beginConnect(
    server: TestServer,
    provider: DriverAuthProvider,
    options: stockDriver.ClientOptions = {},
    boundMs = attemptBoundMs,
  ): { readonly client: Client; readonly ended: Promise<Attempt> } {
    const client = new this.driver.Client({
      ...server.clientOptions,
      authProvider: this.#acceptable(provider),
      ...options,
      pooling: { heartBeatInterval: 0, ...options.pooling },
      socketOptions: { readTimeout: 0, connectTimeout: 60_000, ...options.socketOptions },
      protocolOptions: { ...server.clientOptions.protocolOptions, maxVersion: 4, ...options.protocolOptions },
    })
    const log: unknown[][] = []
    client.on('log', (...entry: unknown[]) => log.push(entry))
    this.defer(() => client.shutdown())
    const ended = within(boundMs, 'connect() did not end', () =>
      client.connect().then(
        () => undefined,
        (reason: unknown) => (isError(reason) ? reason : new Error(`connect() rejected with ${reason}`)),
      ),
    )
    return { client, ended: ended.then((error) => ({ client, error, log })) }
  }

  /** One clause checks that it is an instance of the driver's class. The other clauses must run anyway. */
  #acceptable(provider: DriverAuthProvider): DriverAuthProvider {
    const { AuthProvider } = this.driver.auth as unknown as { AuthProvider: abstract new () => object }
    return provider instanceof AuthProvider ? provider : adaptTo(this.driver, provider)
  }
}
