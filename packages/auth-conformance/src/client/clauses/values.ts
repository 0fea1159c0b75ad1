import type { ClientClause } from '../clause.js'

const source = 'docs/defaults.md: undefined is not given; null, an empty and a wrong value are errors'

const ofClient = ['cloud', 'credentials', 'protocolOptions'] as const
const ofTls = ['crl', 'ciphers', 'cert', 'key', 'servername', 'secureContext', 'checkServerIdentity'] as const

/** A protection is never off silently. */
export const valueClauses: readonly ClientClause[] = [
  {
    id: 'CLIENT-10',
    level: 'must',
    source,
    title: 'treats undefined as not given: an optional option is left out, a protection is missing',
    async run(bench) {
      const undefinedIn = (names: readonly string[]) =>
        Object.fromEntries(names.map((name) => [name, undefined]))
      const sslOptions = await bench.verifying(undefinedIn(ofTls))
      bench.accepts(bench.options({ ...undefinedIn(ofClient), sslOptions }), 'options that are undefined')
      bench.refuses(bench.options({ sslOptions: undefined }), 'a readable password, sslOptions undefined')
      const unverified = await bench.verifying({ rejectUnauthorized: undefined })
      bench.refuses(
        bench.options({ sslOptions: unverified }),
        'a readable password, rejectUnauthorized undefined',
      )
    },
  },
  {
    id: 'CLIENT-11',
    level: 'must',
    source,
    title: 'refuses null and empty values, in the options and in sslOptions',
    async run(bench) {
      const authProvider = bench.guarded()
      for (const name of ['sslOptions', 'cloud', 'protocolOptions'])
        bench.refuses(bench.options({ authProvider, [name]: null }), `${name}: null`)
      for (const name of ['rejectUnauthorized', 'ca', ...ofTls]) {
        for (const empty of [null, '']) {
          const sslOptions = await bench.verifying({ [name]: empty })
          bench.refuses(bench.options({ authProvider, sslOptions }), `${name}: ${JSON.stringify(empty)}`)
        }
      }
      for (const ca of [[], [null], [undefined], ['']]) {
        const sslOptions = await bench.verifying({ ca })
        bench.refuses(bench.options({ authProvider, sslOptions }), `ca: ${JSON.stringify(ca)}`)
      }
    },
  },
]
