import {
  type ConnectionInfo,
  type IssuedCertificate,
  type ServerTlsOptions,
  startTestServer,
  type TestServer,
  type TlsInfo,
} from '@x/auth-testserver'
import { Client, type ClientOptions } from 'cassandra-driver'
import { Bench } from '../lib/bench.js'
import { isError, within } from '../lib/time/waiting.js'
import { type SuiteCertificates, serverIdentity, suiteCertificates } from './certificates.js'
import type { TlsScenario, TlsSubject } from './subject.js'

/** What a client sends: its certificate with those above it, perhaps among others; and its key. */
export type ClientCertificate = Pick<IssuedCertificate, 'chainPem' | 'keyPem'>

export type ServerKind = keyof SuiteCertificates['servers']

const attemptBoundMs = 8_000

/** The tools of the clauses about TLS. */
export class TlsBench extends Bench {
  constructor(readonly subject: TlsSubject) {
    super()
  }

  certificates(): Promise<SuiteCertificates> {
    return suiteCertificates()
  }

  /**
   * Makes the subject's options for the certificates of this run, or for others; with a client certificate if the
   * subject sends one.
   */
  async create(client?: ClientCertificate, changes: Partial<TlsScenario> = {}): Promise<object> {
    return this.closing(await this.subject.create({ ...(await this.scenario(client)), ...changes }))
  }

  /** The scenario for a subject: the certificates of this run, with a client certificate if the subject sends one. */
  async scenario(client?: ClientCertificate): Promise<TlsScenario> {
    const { ca, newClient } = await this.certificates()
    const { chainPem: cert, keyPem: key } = client ?? (await newClient())
    return {
      ca: ca.certPem,
      server: serverIdentity,
      ...(this.subject.traits.clientCertificate && { clientCertificate: { cert, key } }),
    }
  }

  /** Returns the options, and closes them at the end of the clause. */
  closing(options: object): object {
    this.defer(() => this.subject.close?.(options))
    return options
  }

  /** Starts a server with one of the certificates. It accepts every client. */
  async serve(kind: ServerKind = 'good', options: Partial<ServerTlsOptions> = {}): Promise<TestServer> {
    const server = await startTestServer({ tls: { ...(await this.serverTls(kind)), ...options } })
    this.defer(() => server.stop())
    return server
  }

  /** The options for `setTls` of a running server. */
  async serverTls(kind: ServerKind): Promise<ServerTlsOptions> {
    const { servers, ca } = await this.certificates()
    const { chainPem, keyPem } = servers[kind]
    return { cert: chainPem, key: keyPem, ca: ca.certPem }
  }

  /** The facts that a server got about a client with these options; undefined if the client did not connect. */
  async seenBy(server: TestServer, sslOptions: object): Promise<TlsInfo | undefined> {
    const accepted = ({ connection }: { connection: ConnectionInfo }) => connection.tls !== undefined
    const arrival = server.waitFor('connection', accepted)
    await this.connect(server, sslOptions)
    // A client that connected has arrived by now. It does not wait for one that did not.
    const came = await Promise.race([arrival, new Promise<void>((resolve) => setImmediate(resolve))])
    return came ? came.connection.tls : undefined
  }

  /**
   * Calls connect() of the stock driver with these `sslOptions`, and runs one query. Returns the error that it ends
   * with. `before` is called with the Client, after the subject's `meet`.
   */
  async connect(
    server: TestServer,
    sslOptions: object,
    before: (client: Client) => void = () => undefined,
  ): Promise<Error | undefined> {
    const client = new Client({
      ...server.clientOptions,
      sslOptions: sslOptions as NonNullable<ClientOptions['sslOptions']>,
      pooling: { heartBeatInterval: 0 },
      socketOptions: { readTimeout: 5_000, connectTimeout: 60_000 },
      // The driver's search for a version would crash on TLS 1.3 with a client certificate.
      protocolOptions: { ...server.clientOptions.protocolOptions, maxVersion: 4 },
    })
    this.defer(() => client.shutdown())
    this.subject.meet?.(sslOptions, client)
    before(client)
    return within(attemptBoundMs, 'connect() did not end', async () => {
      try {
        await client.connect()
        await client.execute('SELECT release_version FROM system.local')
        return undefined
      } catch (error) {
        return isError(error) ? error : new Error('connect() rejected without an Error')
      }
    })
  }
}
