import { isIP } from 'node:net'
import { check } from '../../clause.js'
import type { ClientClause } from '../clause.js'

const source = 'RFC 9525 §6'
const mismatch = () => new Error('another name')

/** A check of the server's identity counts only after it has refused a server. */
export const identityClauses: readonly ClientClause[] = [
  {
    id: 'CLIENT-20',
    level: 'must',
    source,
    title: 'refuses a check of the identity that accepts everybody',
    async run(bench) {
      for (const verdict of [undefined, null, false]) {
        const sslOptions = await bench.verifying({ checkServerIdentity: () => verdict })
        bench.refuses(bench.options({ sslOptions }), `a check that returns ${verdict}`)
      }
    },
  },
  {
    id: 'CLIENT-21',
    level: 'must',
    source,
    title: 'refuses a check of the identity that accepts any address, or any name',
    async run(bench) {
      const anyAddress = (host: string) => (isIP(host) ? undefined : mismatch())
      const anyName = (host: string) => (isIP(host) ? mismatch() : undefined)
      for (const checkServerIdentity of [anyAddress, anyName]) {
        const sslOptions = await bench.verifying({ checkServerIdentity })
        bench.refuses(bench.options({ sslOptions }), checkServerIdentity.name)
      }
    },
  },
  {
    id: 'CLIENT-22',
    level: 'must',
    source,
    title: 'reads a check of the identity that is a method of a class: it is tested, and passed on',
    async run(bench) {
      const given = await bench.verifying()
      class Checking {
        checkServerIdentity(): Error | undefined {
          return mismatch()
        }
      }
      class Lenient extends Checking {
        override checkServerIdentity() {
          return undefined
        }
      }
      bench.refuses(bench.options({ sslOptions: Object.assign(new Lenient(), given) }), 'a lenient method')
      const judged = bench.judge(bench.options({ sslOptions: Object.assign(new Checking(), given) }))
      const read = { ...judged?.sslOptions }.checkServerIdentity
      check(!judged || typeof read === 'function', 'accepted, and the driver does not find the check')
    },
  },
]
