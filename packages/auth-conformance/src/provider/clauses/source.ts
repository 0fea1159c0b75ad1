import { check } from '../../clause.js'
import { checkSecret } from '../../lib/secrets.js'
import { describeValue, isError } from '../../lib/time/waiting.js'
import type { SubjectSource } from '../../subject.js'
import type { ProviderBench } from '../bench.js'
import { needsSource, type ProviderClause } from '../clause.js'

/** A source of credentials that fails, and the context that a source gets. */
export const sourceFaultClauses: readonly ProviderClause[] = [
  endsAtOnce('PROV-40', 'throws', () => {
    throw new Error('the vault is sealed')
  }),
  endsAtOnce('PROV-41', 'rejects with an Error', () => Promise.reject(new Error('the vault is sealed'))),
  {
    ...endsAtOnce('PROV-42', 'rejects with a string or an object, which is not repeated', () =>
      Promise.reject(''),
    ),
    async run(bench) {
      const { secrets, credentials } = bench.account
      for (const reason of [secrets[0], { credentials }]) {
        const error = await errorFrom(bench, () => Promise.reject(reason))
        checkSecret(error, secrets, 'the error, which repeats what the source rejected with')
      }
    },
  },
  endsAtOnce('PROV-43', 'rejects with undefined', () => Promise.reject(undefined)),
  {
    ...endsAtOnce('PROV-58', 'rejects with an error that cannot be read', () => Promise.reject(mute())),
    async run(bench) {
      for (const reason of [mute(), revoked()]) await errorFrom(bench, () => Promise.reject(reason))
    },
  },
  endsAtOnce('PROV-44', 'returns nothing', () => undefined),
  endsAtOnce('PROV-45', 'returns something of the wrong shape', () => ({ token: 1 })),
  {
    id: 'PROV-46',
    level: 'must',
    source: 'this suite',
    title: 'does not send credentials that have expired',
    notFor: (bench) =>
      needsSource(bench) ?? (bench.subject.traits.expiry ? undefined : 'its credentials do not expire'),
    async run(bench) {
      const expiresAt = new Date(Date.now() - 60_000)
      await errorFrom(bench, () => ({ ...(bench.account.credentials as object), expiresAt }))
    },
  },
  {
    id: 'PROV-57',
    level: 'must',
    source: 'this suite: credentials without an end would be used forever',
    title: 'refuses an expiresAt that is not a valid Date',
    notFor: (bench) =>
      needsSource(bench) ?? (bench.subject.traits.expiry ? undefined : 'its credentials do not expire'),
    async run(bench) {
      for (const expiresAt of notDates) {
        await errorFrom(bench, () => ({ ...(bench.account.credentials as object), expiresAt }))
      }
    },
  },
  {
    id: 'PROV-54',
    level: 'must',
    source: 'this suite: a secret is rotated while the application runs',
    title: 'asks its source for each login, and logs in with its current answer',
    notFor: (bench) =>
      needsSource(bench) ??
      (bench.subject.traits.credentials === 'shared'
        ? 'one answer of its source serves for a while'
        : undefined),
    async run(bench) {
      let account = bench.account
      const provider = bench.create({ credentials: () => account.credentials })
      // Each server twice: an answer may be kept for each server, or from the second login on.
      for (const [index, port] of [9042, 9043, 9042, 9043, 9042].entries()) {
        const endpoint = `127.0.0.1:${port}`
        const exchange = bench.exchange(bench.serverSide([account]), endpoint)
        const end = await bench.dialogue(provider, endpoint).login(exchange)
        check(end.end === 'success', `after ${index} rotations the login ended ${end.end}`)
        account = bench.newAccount()
      }
    },
  },
  {
    id: 'PROV-55',
    level: 'must',
    source: 'this suite: a secret store that was down comes back',
    title: 'asks its source again after a failure',
    notFor: needsSource,
    async run(bench) {
      for (const [what, failing] of Object.entries(outages)) {
        let sealed = true
        const credentials: SubjectSource = () => (sealed ? failing() : bench.account.credentials)
        const provider = bench.create({ credentials })
        // A shared source may leave its store alone after several failures.
        const failures = bench.subject.traits.credentials === 'shared' ? 1 : 5
        for (let logins = 0; logins < failures; logins++) {
          // Other clauses check how such a login ends.
          await bench.upToLast(bench.dialogue(provider), failureBoundMs).catch(() => undefined)
        }
        sealed = false
        const end = await bench.dialogue(provider).login(bench.exchange())
        check(
          end.end === 'success',
          `when its source no longer ${what}, the login ended ${end.end}: ${describeValue('error' in end && end.error)}`,
        )
      }
    },
  },
  {
    id: 'PROV-47',
    level: 'should',
    source: 'this suite',
    title: 'aborts the source at the deadline, by the signal of its context',
    notFor: needsSource,
    async run(bench) {
      let signal: unknown
      const stuck = bench.stuckSource()
      const credentials: SubjectSource = (context) => {
        signal = context?.signal
        return stuck()
      }
      const dialogue = bench.dialogue(bench.create({ credentials, deadlineMs: 100 }))
      await bench.upToLast(dialogue).catch(() => undefined)
      check((signal as AbortSignal | undefined)?.aborted === true, 'the signal of the source was not aborted')
    },
  },
  {
    id: 'PROV-48',
    level: 'should',
    source: "driver's contract: newAuthenticator gets endpoint and authenticator",
    title: 'tells the source the endpoint and the authenticator of the connection',
    notFor: needsSource,
    async run(bench) {
      const asked: unknown[] = []
      const credentials: SubjectSource = (context) => {
        asked.push([context?.endpoint, context?.authenticator])
        return bench.account.credentials
      }
      await bench.dialogue(bench.create({ credentials }), '192.0.2.1:9043').login(bench.exchange())
      const told = JSON.stringify(asked[0])
      check(told === JSON.stringify(['192.0.2.1:9043', bench.authenticatorName]), `the source got ${told}`)
    },
  },
  {
    id: 'PROV-49',
    level: 'must',
    source: 'this suite: a connection may be gone while its source still works',
    title: 'does not let a source that is stuck for one connection hold up another',
    notFor: (bench) =>
      needsSource(bench) ??
      (bench.subject.traits.credentials === 'shared'
        ? 'one answer of its source serves all connections'
        : undefined),
    async run(bench) {
      const stuck = bench.stuckSource()
      let calls = 0
      const credentials = () => (calls++ === 0 ? stuck() : bench.account.credentials)
      const provider = bench.create({ credentials })
      bench.upToLast(bench.dialogue(provider, '192.0.2.1:9042')).catch(() => undefined)
      await stuck.whenAsked()
      const end = await bench.dialogue(provider, '192.0.2.2:9042').login(bench.exchange())
      check(end.end === 'success', `the second login ended ${end.end}`)
    },
  },
]

/** Values for an expiry that are not a Date. Some are falsy, and some are as good as a number. */
const notDates: readonly unknown[] = [
  '2999-01-01T00:00:00Z',
  32_503_680_000,
  new Date(Number.NaN),
  {},
  [],
  '',
  'never',
  0,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  true,
  false,
  null,
]

/** After this time the next login begins, even if this one has not ended. */
const failureBoundMs = 500

/** Ways in which a store can be down. */
const outages: Readonly<Record<string, () => unknown>> = {
  throws() {
    throw new Error('the vault is sealed')
  },
  'rejects with an Error': () => Promise.reject(new Error('the vault is sealed')),
  'rejects with an object': () => Promise.reject({ status: 503 }),
  'returns nothing': () => undefined,
}

function endsAtOnce(id: string, what: string, source: SubjectSource): ProviderClause & { level: 'must' } {
  return {
    id,
    level: 'must',
    source: "driver's contract: a provider that never calls back hangs connect() forever",
    title: `ends the login at once, with an Error, when the source ${what}`,
    notFor: needsSource,
    run: async (bench) => void (await errorFrom(bench, source)),
  }
}

/** Returns the error of a login with this source. It must come long before the deadline. */
async function errorFrom(bench: ProviderBench, source: SubjectSource): Promise<Error> {
  const { error, token } = await bench.upToLast(bench.dialogue(bench.create({ credentials: source })))
  check(error !== undefined && error !== null, `the login went on with ${describeValue(token)}`)
  check(isError(error), `called back ${describeValue(error)}, which is not an Error`)
  return error
}

/** An error whose every property throws. */
function mute(): Error {
  const error = new Error('failed')
  for (const name of ['name', 'message', 'code', 'cause']) {
    Object.defineProperty(error, name, {
      get() {
        throw new Error('not to be read')
      },
    })
  }
  return error
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable(new Error('failed'), {})
  revoke()
  return proxy
}
