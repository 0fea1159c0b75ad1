import { isDeepStrictEqual } from 'node:util'
import { check } from '../../clause.js'
import { describeValue } from '../../lib/time/waiting.js'
import type { SubjectSource } from '../../subject.js'
import { needsSource, type ProviderClause } from '../clause.js'
import { bytesOf } from '../dialogue.js'

/** What the driver expects of the objects, and what reaches the server. */
export const contractClauses: readonly ProviderClause[] = [
  {
    id: 'PROV-01',
    level: 'must',
    source: "driver's contract: Client refuses any other authProvider with a TypeError",
    title: "is an instance of the driver's AuthProvider",
    async run(bench) {
      const { AuthProvider } = bench.driver.auth as unknown as { AuthProvider: abstract new () => object }
      check(bench.create() instanceof AuthProvider, 'the provider is not an instance of auth.AuthProvider')
    },
  },
  {
    id: 'PROV-02',
    level: 'must',
    source: "driver's contract: a throw in newAuthenticator ends the process",
    title: 'newAuthenticator gives an authenticator for any endpoint and any name, and never throws',
    async run(bench) {
      const provider = bench.create()
      const names = [bench.authenticatorName, '', undefined as unknown as string, 'x'.repeat(10_000)]
      const endpoints = ['127.0.0.1:9042', '::1:9042', '[::1]:9042', 'db.example.org:9042', '127.0.0.1', '']
      for (const [endpoint, name] of endpoints.flatMap((each) => names.map((one) => [each, one] as const))) {
        const authenticator = notThrowing(() => provider.newAuthenticator(endpoint, name))
        for (const method of ['initialResponse', 'evaluateChallenge', 'onAuthenticationSuccess'] as const) {
          check(typeof authenticator?.[method] === 'function', `the authenticator has no method ${method}`)
        }
      }
    },
  },
  {
    id: 'PROV-03',
    level: 'must',
    source: "driver's contract: IPv6 endpoints are written ::1:9042, the port after the last colon",
    title: 'splits the endpoint of an IPv6 connection into address and port',
    notFor: needsSource,
    async run(bench) {
      let told: unknown
      const credentials: SubjectSource = (context) => {
        // Another clause checks whether the source gets a context.
        if (context) told = { address: context.address, port: context.port }
        return bench.account.credentials
      }
      const dialogue = bench.dialogue(bench.create({ credentials }), '2001:db8::2:9042')
      await dialogue.login(bench.exchange())
      const wanted = { address: '2001:db8::2', port: 9042 }
      check(told === undefined || isDeepStrictEqual(told, wanted), `the source got ${JSON.stringify(told)}`)
    },
  },
  {
    id: 'PROV-04',
    level: 'must',
    source: "driver's contract: a new authenticator for each connection",
    title: 'logs in every connection of a pool through the stock driver, and a query runs',
    async run(bench) {
      const server = await bench.serve()
      const pooling = { warmup: true, coreConnectionsPerHost: { 0: 3, 1: 3, 2: 3 } }
      const { client, error } = await bench.connect(server, bench.create(), { pooling })
      check(!error, `connect() failed: ${describeValue(error)}: ${describeValue(innerOf(error))}`)
      check(server.logins.length >= 3, `only ${server.logins.length} connections of 3 logged in`)
      const { rows } = await client.execute('SELECT release_version FROM system.local')
      check(rows.length === 1, 'the query gave no row')
    },
  },
  {
    id: 'PROV-05',
    level: 'must',
    source: "the mechanism's specification",
    title: 'sends exactly the bytes of the known logins',
    notFor: ({ subject }) => (subject.vectors?.length ? undefined : 'it comes with no known login'),
    async run(bench) {
      for (const { name, credentials, authenticator, messages } of bench.subject.vectors ?? []) {
        const dialogue = bench.dialogue(bench.create({ credentials }), undefined, authenticator)
        let call = await dialogue.start()
        for (const { from, hex } of messages) {
          if (from === 'server') call = await dialogue.challenge(Buffer.from(hex, 'hex'))
          else {
            check(!call.error, `${name}: ended with ${describeValue(call.error)}`)
            const sent = Buffer.from(bytesOf(call.token) ?? []).toString('hex')
            check(sent === hex.toLowerCase(), `${name}: sent ${sent}, not ${hex}`)
          }
        }
      }
    },
  },
  {
    id: 'PROV-06',
    level: 'must',
    source: 'Cassandra: a null token is a NullPointerException in several servers',
    title: 'sends zero bytes, never a null token',
    async run(bench) {
      const dialogue = await bench.upToVerdict(bench.create())
      await dialogue.challenge(new Uint8Array(0))
      const nothing = dialogue.calls.find(({ error, token }) => !error && !(token instanceof Uint8Array))
      check(!nothing, `message ${(nothing?.round ?? 0) + 1} is ${describeValue(nothing?.token)}, not bytes`)
    },
  },
  {
    id: 'PROV-08',
    level: 'should',
    source: 'this suite: logs and inspect() distinguish providers by it',
    title: 'has a class with a name',
    async run(bench) {
      const name: unknown = bench.create().constructor?.name
      check(typeof name === 'string' && name !== '', `the name of its class is ${describeValue(name)}`)
    },
  },
  {
    id: 'PROV-07',
    level: 'must',
    source:
      "native_protocol_v1.spec §4.1.2; driver's contract: username and password are read from the authenticator",
    title: 'logs in with CREDENTIALS of protocol version 1',
    notFor: ({ subject }) => (subject.traits.protocolV1 ? undefined : 'it does not speak protocol version 1'),
    async run(bench) {
      const server = await bench.serve({ protocolVersions: [1] })
      const protocolOptions = { port: server.port, maxVersion: 1 }
      const { error } = await bench.connect(server, bench.create(), { protocolOptions })
      check(!error, `connect() failed: ${describeValue(innerOf(error))}`)
    },
  },
]

function notThrowing<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    check(false, `newAuthenticator threw into the driver: ${describeValue(error)}`)
    throw error
  }
}

function innerOf(error: Error | undefined): unknown {
  return Object.values((error as { innerErrors?: object } | undefined)?.innerErrors ?? {})[0]
}
