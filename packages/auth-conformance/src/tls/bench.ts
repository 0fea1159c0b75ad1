import { type ServerTlsOptions, startTestServer, type TestServer } from '@x/auth-testserver'
import { Client, type ClientOptions } from 'cassandra-driver'
import { Bench } from '../lib/bench.js'
import { isError, within } from '../lib/waiting.js'
import { type SuiteCertificates, suiteCertificates } from './certificates.js'
import type { TlsSubject } from './subject.js'

export type ServerKind = keyof SuiteCertificates['servers']

const attemptBoundMs = 8_000

/** What the clauses of the TLS suite work with. */
export class TlsBench extends Bench {
  constructor(readonly subject: TlsSubject) {
    super()
  }

  certificates(): Promise<SuiteCertificates> {
    return suiteCertificates()
  }

  /** The subject's options for the certificates of this run. */
  async create(): Promise<object> {
    const { ca, client } = await this.certificates()
    const clientCertificate = { cert: client.chainPem, key: client.keyPem }
    const options = await this.subject.create({
      ca: ca.certPem,
      ...(this.subject.traits.clientCertificate && { clientCertificate }),
    })
    this.defer(() => this.subject.close?.(options))
    return options
  }

  /** A server with one of the certificates, which lets everybody in. */
  async serve(kind: ServerKind = 'good', options: Partial<ServerTlsOptions> = {}): Promise<TestServer> {
    const { servers, ca } = await this.certificates()
    const { chainPem, keyPem } = servers[kind]
    const server = await startTestServer({ tls: { cert: chainPem, key: keyPem, ca: ca.certPem, ...options } })
    this.defer(() => server.stop())
    return server
  }

  /** connect() of the stock driver with these `sslOptions`, and one query; the error that it ends with. */
  async connect(server: TestServer, sslOptions: object): Promise<Error | undefined> {
    const client = new Client({
      ...server.clientOptions,
      sslOptions: sslOptions as NonNullable<ClientOptions['sslOptions']>,
      pooling: { heartBeatInterval: 0 },
      socketOptions: { readTimeout: 5_000, connectTimeout: 5_000 },
      // The driver's search for a version would crash on TLS 1.3 with a client certificate.
      protocolOptions: { ...server.clientOptions.protocolOptions, maxVersion: 4 },
    })
    this.defer(() => client.shutdown())
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
