import type { ClientClause } from '../clause.js'

/** Only the right server may get a readable secret. */
export const readableClauses: readonly ClientClause[] = [
  {
    id: 'CLIENT-50',
    level: 'must',
    source: 'RFC 4616 §6',
    title: 'refuses a readable password without TLS that verifies the server',
    async run(bench) {
      const { certPem: ca } = (await bench.certificates()).ca
      const credentials = { username: 'alice', password: 'correct horse' }
      for (const login of [{}, { authProvider: undefined, credentials }]) {
        bench.refuses(bench.options(login), 'without TLS')
        for (const sslOptions of [
          {},
          { ca },
          { rejectUnauthorized: false },
          { ca, rejectUnauthorized: false },
        ])
          bench.refuses(bench.options({ ...login, sslOptions }), `sslOptions with ${Object.keys(sslOptions)}`)
      }
    },
  },
  {
    id: 'CLIENT-51',
    level: 'must',
    source: '@x/auth-core: Mechanism.exposes',
    title: 'refuses, without such TLS, other readable secrets too, such as a session token',
    async run(bench) {
      const authProvider = bench.guarded('the session token')
      bench.refuses(bench.options({ authProvider }), 'without TLS')
      bench.refuses(bench.options({ authProvider, sslOptions: {} }), 'with TLS that verifies nothing')
      bench.accepts(bench.options({ authProvider, sslOptions: await bench.verifying() }), 'with verified TLS')
      bench.accepts(bench.options({ authProvider: bench.guarded() }), 'nothing readable, without TLS')
    },
  },
]
