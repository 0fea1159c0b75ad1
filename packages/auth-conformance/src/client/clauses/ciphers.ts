import { createSecureContext } from 'node:tls'
import type { ClientBench } from '../bench.js'
import type { ClientClause } from '../clause.js'

const source = 'RFC 9325 §4.1'

/** TLS with weak ciphers does not protect a login. */
export const cipherClauses: readonly ClientClause[] = [
  {
    id: 'CLIENT-30',
    level: 'must',
    source,
    title: 'refuses cipher suites that encrypt nothing',
    run: (bench) => refusesAll(bench, ['eNULL', 'NULL-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256:RSA+NULL']),
  },
  {
    id: 'CLIENT-31',
    level: 'must',
    source,
    title: 'refuses cipher suites that authenticate nobody',
    run: (bench) => refusesAll(bench, ['aNULL', 'ADH', 'AECDH-AES256-SHA']),
  },
  {
    id: 'CLIENT-32',
    level: 'must',
    source: 'openssl-ciphers(1): SECLEVEL',
    title: 'refuses the level of security at which certificates may be forged',
    run: (bench) => refusesAll(bench, ['DEFAULT@SECLEVEL=0', 'HIGH:!aNULL:!eNULL:@SECLEVEL=0']),
  },
  {
    id: 'CLIENT-33',
    level: 'must',
    source,
    title: 'refuses a secureContext that offers such suites',
    async run(bench) {
      for (const ciphers of ['eNULL:AES128-SHA@SECLEVEL=0', 'HIGH@SECLEVEL=0']) {
        const sslOptions = {
          rejectUnauthorized: true,
          secureContext: createSecureContext({ ca: [], ciphers }),
        }
        bench.refuses(bench.options({ sslOptions }), `a context made with ${ciphers}`)
      }
    },
  },
]

async function refusesAll(bench: ClientBench, lists: readonly string[]): Promise<void> {
  for (const ciphers of lists) {
    const sslOptions = await bench.verifying({ ciphers })
    bench.refuses(bench.options({ sslOptions }), `ciphers: ${ciphers}`)
  }
}
