import { assertAuthenticated } from '@x/auth-core'
import { providerRecord } from '@x/auth-core/base'
import { allowAllAuthenticator } from '@x/auth-testserver'
import { check } from '../../clause.js'
import { needsRecord, type ProviderClause } from '../clause.js'

/** The record of a provider. Routing, `secureClientOptions` and `assertAuthenticated` rely on it. */
export const recordClauses: readonly ProviderClause[] = [
  {
    id: 'PROV-80',
    level: 'must',
    source: '@x/auth-core: ProviderRecord',
    title: 'counts a login when the server has accepted it, and not before',
    notFor: needsRecord,
    async run(bench) {
      const provider = bench.create()
      const count = (endpoint: string) => bench.recordOf(provider)?.successes(endpoint) ?? 0
      const [waiting, accepted] = ['192.0.2.1:9042', '192.0.2.2:9042']
      const before = [count(waiting), count(accepted)]
      await bench.upToVerdict(provider, waiting)
      check(count(waiting) === before[0], 'a login that the server has not answered is counted')
      const dialogue = await bench.upToVerdict(provider, accepted)
      dialogue.succeed()
      check(count(accepted) === (before[1] ?? 0) + 1, 'a login that succeeded is not counted')
    },
  },
  {
    id: 'PROV-81',
    level: 'must',
    source: "driver's contract: a server that never asks is accepted silently",
    title: 'lets assertAuthenticated notice a server that never asked for a login',
    notFor: needsRecord,
    async run(bench) {
      const server = await bench.serve({ authenticator: allowAllAuthenticator() })
      const provider = bench.create()
      const { client, error } = await bench.connect(server, provider)
      check(!error, 'connect() failed on a server that lets everybody in')
      const noticed = await Promise.resolve()
        .then(() => assertAuthenticated(client, provider))
        .then(
          () => undefined,
          (reason: { code?: unknown }) => reason.code,
        )
      check(noticed === 'NOT_AUTHENTICATED', 'assertAuthenticated did not notice')
    },
  },
  {
    id: 'PROV-82',
    level: 'must',
    source: '@x/auth-core: ProviderRecord',
    title: 'keeps its record when it is copied by a spread',
    notFor: needsRecord,
    async run(bench) {
      const copy = { ...bench.create() } as { [providerRecord]?: unknown }
      check(copy[providerRecord] !== undefined, 'the record is not an own enumerable property')
    },
  },
]
