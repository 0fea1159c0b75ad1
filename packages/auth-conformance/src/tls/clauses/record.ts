import { check } from '../../clause.js'
import type { TlsBench } from '../bench.js'
import type { TlsClause } from '../clause.js'

/** The record that `secureClientOptions` and `explainTlsError` use. */
interface TlsRecord {
  readonly verifies?: { readonly chain?: unknown; readonly name?: unknown }
  readonly sendsClientCertificate?: unknown
  readonly maxVersion?: unknown
}

const record = Symbol.for('@x/tls:profile')
const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

/** The record of options, if they have one. */
export const recordClauses: readonly TlsClause[] = [
  {
    id: 'TLS-40',
    level: 'must',
    source: '@x/auth-core: secureClientOptions',
    title: 'its record, if it has one, is true: what it verifies and sends, its newest version',
    async run(bench) {
      const options = await bench.create()
      const said = recordOf(options)
      if (!said) return
      const { chain, name, clientCertificate } = bench.subject.traits
      check(said.verifies?.chain === chain, `the record says about the chain: ${said.verifies?.chain}`)
      check(said.verifies?.name === name, `the record says about the name: ${said.verifies?.name}`)
      check(
        said.sendsClientCertificate === clientCertificate,
        'the record is wrong about the client certificate',
      )
      const spoken = await spokenVersion(bench, options)
      check(versions.includes(String(said.maxVersion)), `its newest version is ${said.maxVersion}`)
      check(
        versions.indexOf(spoken) <= versions.indexOf(String(said.maxVersion)),
        `it speaks ${spoken}, and says that ${said.maxVersion} is its newest version`,
      )
    },
  },
  {
    id: 'TLS-41',
    level: 'must',
    source: '@x/auth-core: secureClientOptions',
    title: 'keeps its record, if it has one, when it is copied by a spread',
    async run(bench) {
      const options = await bench.create()
      const kept = recordOf(options) === undefined || recordOf({ ...options }) !== undefined
      check(kept, 'the record is not an own enumerable property')
    },
  },
]

function recordOf(options: object): TlsRecord | undefined {
  return (options as { [record]?: TlsRecord })[record]
}

/** The version that is negotiated with a server that supports all versions. */
async function spokenVersion(bench: TlsBench, options: object): Promise<string> {
  const server = await bench.serve('good', { requestClientCertificate: 'request' })
  const seen = await bench.seenBy(server, options)
  check(seen !== undefined, 'connect() to the right server failed')
  return seen.protocol
}
