import { check } from '../../clause.js'
import type { TlsBench } from '../bench.js'
import type { TlsClause } from '../clause.js'

/** The record that `secureClientOptions` and `explainTlsError` go by. */
interface TlsRecord {
  readonly verifies?: { readonly chain?: unknown; readonly name?: unknown }
  readonly sendsClientCertificate?: unknown
  readonly maxVersion?: unknown
}

const record = Symbol.for('@x/tls:profile')
const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

/** What options say of themselves, where they do. */
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
      check(said.verifies?.chain === chain, `it says of the chain: ${said.verifies?.chain}`)
      check(said.verifies?.name === name, `it says of the name: ${said.verifies?.name}`)
      check(said.sendsClientCertificate === clientCertificate, 'it says otherwise of a client certificate')
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

/** With a server that speaks them all. */
async function spokenVersion(bench: TlsBench, options: object): Promise<string> {
  const server = await bench.serve('good', { requestClientCertificate: 'request' })
  const seen = await bench.seenBy(server, options)
  check(seen !== undefined, 'connect() to the right server failed')
  return seen.protocol
}
