import { check } from '../../clause.js'
import { describeValue } from '../../lib/time/waiting.js'
import type { ProviderBench } from '../bench.js'
import { needsSource, type ProviderClause } from '../clause.js'

const source = 'this suite: a provider must send the fields that it has checked, also if they are getters'

/** Credentials that are an instance of a class: their fields are getters of its prototype, and a spread copy loses them. */
export const classInstanceClauses: readonly ProviderClause[] = [
  {
    id: 'PROV-61',
    level: 'should',
    source,
    title: 'logs in with credentials whose fields are getters of a class',
    notFor: (bench) => needsSource(bench) ?? needsFields(bench),
    async run(bench) {
      for (const credentials of given(() => instanceOf(bench.account.credentials as object))) {
        const end = await bench.dialogue(bench.create({ credentials })).login(bench.exchange())
        check(end.end === 'success', `the login ended ${end.end}`)
      }
    },
  },
  {
    id: 'PROV-62',
    level: 'must',
    source,
    title: 'does not send credentials that have expired, also if a getter of their class says so',
    notFor: (bench) =>
      needsSource(bench) ??
      needsFields(bench) ??
      (bench.subject.traits.expiry ? undefined : 'its credentials do not expire'),
    async run(bench) {
      const expiresAt = new Date(Date.now() - 60_000)
      const expired = () => instanceOf({ ...(bench.account.credentials as object), expiresAt })
      for (const credentials of given(expired)) {
        const { end } = await bench.dialogue(bench.create({ credentials })).login(bench.exchange())
        check(end === 'failed', `the login ended ${end}`)
      }
    },
  },
]

/** As a value, and from a source. */
function given(make: () => object): readonly unknown[] {
  return [make(), () => make()]
}

function needsFields({ account: { credentials } }: ProviderBench): string | undefined {
  const isObject = typeof credentials === 'object' && credentials !== null
  return isObject && Object.keys(credentials).length > 0 ? undefined : describeNone(credentials)
}

function describeNone(credentials: unknown): string {
  return `its credentials are ${describeValue(credentials)}, which has no fields`
}

/** Makes an object without own properties. */
function instanceOf(fields: object): object {
  class Account {}
  for (const [name, value] of Object.entries(fields)) {
    Object.defineProperty(Account.prototype, name, { get: () => value })
  }
  return new Account()
}
