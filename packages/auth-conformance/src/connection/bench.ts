import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type SecureVersion, type TLSSocket } from 'node:tls'
import {
  type ExchangeEvent,
  findAuthError,
  type SecureClientChoices,
  secureClientOptions,
} from '@x/auth-core'
import type { DriverAuthProvider } from '@x/auth-core/base'
import {
  type IssuedCertificate,
  type ServerAuthenticator,
  startTestServer,
  type TestServer,
} from '@x/auth-testserver'
import { Client, type ClientOptions } from 'cassandra-driver'
import { LoginBench } from '../lib/bench.js'
import { frameRelay } from '../lib/frame-relay.js'
import { within } from '../lib/time/waiting.js'
import type { Account, ProviderScenario } from '../subject.js'
import { type SuiteCertificates, suiteCertificates } from '../tls/certificates.js'
import type { ConnectionSubject, ServerLie } from './subject.js'

/** Long enough, so that a login never ends because of it. */
const longDeadlineMs = 300_000
const attemptBoundMs = 8_000

/** The parts of one client. */
export interface ClientParts {
  readonly provider: DriverAuthProvider
  readonly sslOptions: object
  /** The port to connect to. Default: that of the server. */
  readonly port?: number
  readonly choices?: SecureClientChoices
  readonly connections?: number
}

/** The tools of the clauses about connections. */
export class ConnectionBench extends LoginBench<ConnectionSubject> {
  certificates(): Promise<SuiteCertificates> {
    return suiteCertificates()
  }

  /** Starts a server with a certificate of the suite's authority. */
  async serve(
    authenticator: ServerAuthenticator = this.serverSide(),
    maxVersion: SecureVersion = 'TLSv1.3',
  ): Promise<TestServer> {
    const { servers } = await this.certificates()
    const { chainPem: cert, keyPem: key } = servers.good
    const server = await startTestServer({ authenticator, tls: { cert, key, maxVersion } })
    this.defer(() => server.stop())
    return server
  }

  serverSide(accounts: readonly Account[] = [this.account], lie?: ServerLie): ServerAuthenticator {
    return this.subject.server(accounts, lie)
  }

  create(scenario: Partial<ProviderScenario> = {}): DriverAuthProvider {
    const { credentials } = this.account
    return this.subject.create({ credentials, deadlineMs: longDeadlineMs, ...scenario })
  }

  async sslOptions(): Promise<object> {
    const { ca } = await this.certificates()
    return this.subject.sslOptions(ca.certPem)
  }

  /** Makes a provider and options, as for one client. */
  async parts(scenario?: Partial<ProviderScenario>): Promise<ClientParts> {
    return { provider: this.create(scenario), sslOptions: await this.sslOptions() }
  }

  /** A client of the stock driver whose options `secureClientOptions` has checked. Only the server ends its logins. */
  client(server: TestServer, { provider, sslOptions, port, choices, connections = 1 }: ClientParts): Client {
    const { clientOptions } = server
    const options: ClientOptions = {
      ...clientOptions,
      ...(port !== undefined && { contactPoints: ['127.0.0.1'] }),
      authProvider: provider,
      sslOptions: sslOptions as NonNullable<ClientOptions['sslOptions']>,
      pooling: { heartBeatInterval: 0, warmup: true, coreConnectionsPerHost: { 0: connections } },
      socketOptions: { readTimeout: 0, connectTimeout: 60_000 },
      protocolOptions: { port: port ?? server.port, maxVersion: 4 },
    }
    return new Client(secureClientOptions(options, choices))
  }

  /** Calls connect() and runs one query. Returns the code of the error; undefined if there is none. */
  async attempt(client: Client): Promise<string | undefined> {
    this.defer(() => client.shutdown())
    return within(attemptBoundMs, 'connect() did not end', async () => {
      try {
        await client.connect()
        await client.execute('SELECT release_version FROM system.local')
        return undefined
      } catch (error) {
        return String(findAuthError(error)?.code ?? error)
      }
    })
  }

  /** The same for a client with its own parts. */
  async login(server: TestServer, parts?: ClientParts): Promise<string | undefined> {
    return this.attempt(this.client(server, parts ?? (await this.parts())))
  }

  /** Returns how the exchanges with that server end while `work` runs. */
  async endsOf(server: TestServer, work: () => Promise<unknown>): Promise<ExchangeEvent[]> {
    const seen: ExchangeEvent[] = []
    const listener = (event: unknown) => {
      const copy = { ...(event as ExchangeEvent) }
      if (copy.endpoint === `127.0.0.1:${server.port}`) seen.push(copy)
    }
    subscribe('tracing:@x/auth:exchange:asyncEnd', listener)
    try {
      await work()
    } finally {
      unsubscribe('tracing:@x/auth:exchange:asyncEnd', listener)
    }
    return seen
  }

  /**
   * Starts a man in the middle with this certificate, who passes on everything, the server's frames as `change` returns
   * them. Returns its port.
   */
  async standBetween(
    server: TestServer,
    { chainPem: cert, keyPem: key }: IssuedCertificate,
    change: (frame: Buffer) => Buffer = (frame) => frame,
  ): Promise<number> {
    const { ca } = await this.certificates()
    const open = new Set<TLSSocket>()
    const between = createServer({ cert, key }, (client) => {
      const onwards = connect({ host: '127.0.0.1', port: server.port, ca: ca.certPem })
      client.pipe(onwards).pipe(frameRelay(change)).pipe(client)
      for (const socket of [client, onwards]) {
        open.add(socket)
        socket.on('error', () => [client, onwards].map((each) => each.destroy()))
      }
    })
    await once(between.listen(0, '127.0.0.1'), 'listening')
    this.defer(() => {
      for (const socket of open) socket.destroy()
      between.close()
    })
    return (between.address() as AddressInfo).port
  }
}

/** How many queries a server got. */
export function queriesOf(server: TestServer): number {
  return server.transcript().filter(({ type }) => type === 'QUERY').length
}

/** Calls `look` inside each `newAuthenticator` of a provider: at that moment the server has just asked for a login. */
export function whenAsked(
  provider: DriverAuthProvider,
  look: (endpoint: string, name: string) => void,
): DriverAuthProvider {
  const { newAuthenticator } = provider
  return Object.defineProperty(provider, 'newAuthenticator', {
    configurable: true,
    value(endpoint: string, name: string) {
      look(endpoint, name)
      return newAuthenticator.call(provider, endpoint, name)
    },
  })
}
