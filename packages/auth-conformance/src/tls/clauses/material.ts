import { check } from '../../clause.js'
import { checkReachable } from '../../lib/secrets.js'
import { describeValue } from '../../lib/waiting.js'
import { needs, type TlsClause } from '../clause.js'

/** What the options hold, and how often they make it. */
export const materialClauses: readonly TlsClause[] = [
  {
    id: 'TLS-10',
    level: 'should',
    source: 'this suite: 0.3 ms of CPU per connection with one authority, 20 ms with the roots of the system',
    title: 'shares one secureContext between connections',
    async run(bench) {
      const options = (await bench.create()) as { secureContext?: unknown }
      check(
        Object.hasOwn(options, 'secureContext'),
        'there is no secureContext: each connection makes its own',
      )
      const first = options.secureContext
      check(typeof first === 'object' && first !== null, `secureContext is ${describeValue(first)}`)
      check(options.secureContext === first, 'each connection gets a context of its own')
    },
  },
  {
    id: 'TLS-11',
    level: 'should',
    source: 'this suite; CWE-532',
    title: 'does not show the private key when the options are inspected',
    notFor: needs('clientCertificate'),
    async run(bench) {
      const { client } = await bench.certificates()
      const lines = client.keyPem.split('\n').filter((line) => line !== '' && !line.startsWith('-----'))
      checkReachable(await bench.create(), lines, 'sslOptions')
    },
  },
]
