/**
 * Many connections at once to one endpoint whose certificate rotates with each of them, two clients with a profile and a provider
 * each, frames cut at random, clients that leave and come back with the same provider and profile: each login finds its own connection. A binding of `tls-exporter` differs for each connection, and that of
 * `tls-server-end-point` for each certificate, so a login that took another's record is refused by the server; and a proof
 * that was another's, by the client. Short here; the long one: CONNECTION_STORM=10000 npm test -- connection-storm
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { TLSSocket } from 'node:tls'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { ExchangeEvent } from '@x/auth-core'
import {
  createCertificateAuthority,
  digestMd5Server,
  type IssuedCertificate,
  saslAuthenticator,
  scramServer,
  startTestServer,
  type TestServer,
} from '@x/auth-testserver'
import { verifyServer } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'
import { type SaslAuthOptions, SaslAuthProvider } from '../src/index.js'

const wanted = Number(process.env['CONNECTION_STORM'] ?? 120)
const perClient = 10
const clientsOfEach = 2

const users = { alice: 'correct horse' }
const alice = { username: 'alice', password: 'correct horse' }

/** Each kind with the authenticator that serves it: the class name tells the server which one the client expects. */
const kinds: SaslAuthOptions[] = [
  { mechanism: 'SCRAM-SHA-256-PLUS', ...alice, channelBindingType: 'tls-exporter' },
  { mechanism: 'SCRAM-SHA-256-PLUS', ...alice, channelBindingType: 'tls-server-end-point' },
  { mechanism: 'SCRAM-SHA-256', ...alice, channelBinding: 'off' },
  { mechanism: 'DIGEST-MD5', ...alice },
] as SaslAuthOptions[]
const authenticators = [
  saslAuthenticator(scramServer({ mechanism: 'SCRAM-SHA-256-PLUS', users, proofIn: 'success' })),
  saslAuthenticator(scramServer({ mechanism: 'SCRAM-SHA-256-PLUS', users })),
  saslAuthenticator(scramServer({ users, proofIn: 'success' })),
  saslAuthenticator(digestMd5Server({ users, proofIn: 'success' })),
]

/** What the server writes goes out in pieces of 1 to 40 bytes, each a record of TLS of its own, while it is short. */
function cutFrames(): () => void {
  const { write } = TLSSocket.prototype
  TLSSocket.prototype.write = function (this: TLSSocket, ...given: unknown[]) {
    const [bytes] = given
    const short = Buffer.isBuffer(bytes) && bytes.length < 400 && (this as { server?: unknown }).server
    if (!short) return (write as (...given: unknown[]) => boolean).apply(this, given)
    let more = true
    for (let at = 0; at < bytes.length; ) {
      const end = at + 1 + Math.floor(Math.random() * 40)
      more = write.call(this, bytes.subarray(at, end))
      at = end
    }
    return more
  } as typeof write
  return () => {
    TLSSocket.prototype.write = write
  }
}

/** Bytes on the heap that are in use. */
function heap(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

test(`${wanted} connections: none takes the record of another`, async () => {
  const ca = await createCertificateAuthority()
  const issued = await Promise.all([1, 2, 3, 4].map(() => ca.issue({ names: ['127.0.0.1'] })))
  const tlsOf = ({ chainPem, keyPem }: IssuedCertificate) => ({ cert: chainPem, key: keyPem })
  // A client has a provider and a profile of its own; those of one kind have one endpoint.
  const parts = kinds.flatMap((options, kind) =>
    Array.from({ length: clientsOfEach }, () => ({
      kind,
      authProvider: new SaslAuthProvider(options),
      sslOptions: verifyServer({ ca: ca.certPem }) as never,
    })),
  )
  const rotate = (server: TestServer) =>
    server.setTls(tlsOf(issued[Math.floor(Math.random() * issued.length)] as IssuedCertificate))
  // One endpoint cannot know which client comes: so each kind has a server, all with the same certificates.
  const servers: TestServer[] = []
  for (const authenticator of authenticators) {
    const server: TestServer = await startTestServer({
      authenticator: () => {
        rotate(server)
        return authenticator
      },
      tls: tlsOf(issued[0] as IssuedCertificate),
    })
    servers.push(server)
  }
  const whole = cutFrames()
  const failures: unknown[] = []
  let opened = 0
  /** A pool tries again by itself: what it does not tell is told here. */
  const ended = (event: unknown) => {
    const { outcome, error } = event as ExchangeEvent
    if (outcome !== 'success') failures.push(error ?? outcome)
  }
  subscribe('tracing:@x/auth:exchange:asyncEnd', ended)

  async function round(): Promise<void> {
    const clients = parts.map(({ kind, authProvider, sslOptions }) => {
      const { clientOptions } = servers[kind] as TestServer
      return new Client({
        ...clientOptions,
        authProvider,
        sslOptions,
        protocolOptions: { ...clientOptions.protocolOptions, maxVersion: 4 },
        pooling: { heartBeatInterval: 0, warmup: true, coreConnectionsPerHost: { 0: perClient } },
      })
    })
    const query = (client: Client) => client.execute('SELECT release_version FROM system.local')
    const logins = () => servers.reduce((sum, server) => sum + server.logins.length, 0)
    try {
      await Promise.all(clients.map((client) => client.connect()))
      await Promise.all(clients.map(query))
      opened += logins()
    } catch (error) {
      failures.push(error)
    } finally {
      await Promise.all(clients.map((client) => client.shutdown()))
      await Promise.all(servers.map((server) => server.drained({ timeoutMs: 60_000 })))
      for (const server of servers) server.clear()
    }
  }

  const until = async (count: number) => {
    while (opened < count && failures.length === 0) await round()
  }
  try {
    await until(wanted / 2)
    const before = heap()
    await until(wanted)
    const grown = heap() - before
    expect(failures).toEqual([])
    expect(opened).toBeGreaterThanOrEqual(wanted)
    // A record that stayed would keep its socket: more than 10 kB for each connection.
    if (wanted >= 1_000) expect(grown / (wanted / 2)).toBeLessThan(1_000)
    else expect(grown).toBeLessThan(64 * 1024 * 1024)
    if (process.env['CONNECTION_STORM']) {
      console.log(`${opened} connections, heap ${grown} bytes`)
    }
  } finally {
    whole()
    unsubscribe('tracing:@x/auth:exchange:asyncEnd', ended)
    await Promise.all(servers.map((server) => server.stop()))
  }
}, 600_000)
