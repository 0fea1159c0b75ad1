/**
 * Ten thousand connections, with a certificate that rotates among four, two clients of each kind, randomly split frames, and
 * connections that break and are made again. No login may use the record of another connection, and memory must not grow.
 *
 *   npm run test:storm                   10 000 logins, some minutes
 *   npm run test:storm -- 2000           2 000 logins
 *
 * The last line is `N passed, N failed`.
 */
import { createRequire } from 'node:module'
import { argumentsOf } from './arguments.mjs'

const require = createRequire(import.meta.url)
require('./typescript.cjs')
const { storm } = require('../packages/auth-sasl/test/support/storm.ts')

/**
 * A record that is not released keeps its socket: more than 10 kB for each connection. A short storm also adds memory for code
 * and caches.
 */
const bytesPerConnection = 1_000
const bytesOfShort = 4 * 1024 * 1024

const [asked = '10000'] = argumentsOf({ allowPositionals: true, options: {} }).positionals
const connections = Number(asked)
if (!Number.isSafeInteger(connections) || connections < 1) {
  console.error(`The number of logins must be a whole number, not ${asked}.`)
  process.exit(2)
}
const startedAt = Date.now()
let last = startedAt
const outcome = await storm({
  connections,
  onRound({ logins, reconnects, cut }) {
    if (Date.now() - last < 10_000) return
    last = Date.now()
    console.log(`${logins} logins, ${reconnects} on new connections for broken ones, ${cut} cut off`)
  },
})
const { logins, reconnects, cut, wrong, grown } = outcome
const each = Math.round(grown / (logins / 2))
console.log(
  `${logins} logins, ${reconnects} on new connections for broken ones, ${cut} cut off, ${wrong.length} wrong; heap grew by ${grown} bytes, ${each} per connection; ${Math.round((Date.now() - startedAt) / 1000)} s`,
)
for (const error of wrong.slice(0, 5)) console.error(error)
const failed = [
  wrong.length > 0,
  logins < connections,
  grown > Math.max(bytesOfShort, (bytesPerConnection * logins) / 2),
].filter(Boolean).length
console.log(`${3 - failed} passed, ${failed} failed`)
// The driver may still wait for a connection that it was making when it was shut down.
process.exit(failed > 0 ? 1 : 0)
