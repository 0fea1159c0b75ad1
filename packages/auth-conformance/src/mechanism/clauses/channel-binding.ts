import { check } from '../../clause.js'
import { boundTo } from '../../lib/bench.js'
import type { MechanismBench } from '../bench.js'
import type { MechanismClause } from '../clause.js'

function notBound({ subject }: MechanismBench): string | undefined {
  return subject.bound ? undefined : 'its logins are not bound to their connection'
}

/** Channel binding (RFC 5056): a login does not work on another connection. */
export const channelBindingClauses: readonly MechanismClause[] = [
  {
    id: 'MECH-90',
    level: 'must',
    source: 'RFC 5802 §6; RFC 9266',
    title: 'binds each login to its own connection: its messages do not work on another one',
    notFor: notBound,
    async run(bench) {
      const context = bench.context({ binding: Buffer.alloc(32, 7) })
      const { end } = await bench.login({ context })
      check(end !== 'success', 'a login was accepted on a connection that is not its own')
    },
  },
  {
    id: 'MECH-91',
    level: 'must',
    source: 'RFC 5802 §6: a client that requires channel binding',
    title: 'sends nothing if the connection has no binding, or if it cannot be seen',
    notFor: notBound,
    async run(bench) {
      for (const binding of [null, undefined]) {
        const context = { ...bench.context(), channelBinding: () => binding }
        const { end, tokens } = await bench.login({ context })
        check(end === 'failed' && tokens.length === 0, 'it began a login without a binding')
      }
    },
  },
  {
    id: 'MECH-92',
    level: 'must',
    source: 'RFC 5802 §6: the flag y',
    title: 'says that it could bind if the connection can be seen, and only then',
    notFor: ({ subject }) => (subject.couldBind ? undefined : 'it does not say that it could bind'),
    async run(bench) {
      const loginOver = (binding: Uint8Array | null | undefined) =>
        bench.login({ context: { ...bench.context(), channelBinding: () => binding } })
      check((await loginOver(undefined)).end === 'success', 'it says so although it sees no connection')
      check((await loginOver(boundTo)).end === 'refused', 'its binding was removed, and nobody noticed')
      // The TLS version or the certificate has no binding, and somebody in between can choose these.
      check((await loginOver(null)).end === 'refused', 'a connection without a binding removes it')
    },
  },
]
