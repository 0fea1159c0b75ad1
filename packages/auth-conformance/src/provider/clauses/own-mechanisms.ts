import { AuthError } from '@x/auth-core'
import { finish, type Mechanism, type OneWayMechanism, type ServerProof } from '@x/auth-core/base'
import { check } from '../../clause.js'
import { describeValue } from '../../lib/time/waiting.js'
import type { ProviderBench } from '../bench.js'
import type { ProviderClause } from '../clause.js'

const stranger = 'org.example.Authenticator'
const dse = 'com.datastax.bdp.cassandra.auth.DseAuthenticator'
const password = 'org.apache.cassandra.auth.PasswordAuthenticator'

const contract = '@x/auth-core: Mechanism'
const downgrade = 'RFC 4422 §6.1.2: an attacker can make the client choose the weakest of a list, a downgrade'

/** The promises of a provider about mechanisms of other authors, and about a list of them. */
export const ownMechanismClauses: readonly ProviderClause[] = [
  {
    id: 'PROV-95',
    level: 'must',
    source: contract,
    title:
      'refuses success without a proof if `mutual` is on the prototype of a mechanism, also in DSE’s negotiation',
    notFor: needsMechanisms,
    async run(bench) {
      for (const name of [stranger, dse]) {
        const dialogue = bench.dialogue(of(bench, new Promising() as never), undefined, name)
        const { error } = await dialogue.start()
        check(!error, `a mechanism of a class ends with ${describeValue(error)}`)
        if (name === dse) await dialogue.challenge(Buffer.from('X-PROMISING-START'))
        const [refusal] = dialogue.succeed()
        check(Boolean(refusal?.error), `${name} was taken for verified`)
      }
    },
  },
  {
    id: 'PROV-96',
    level: 'must',
    source: "driver's contract: one microtask after AUTH_SUCCESS the connection is accepted",
    title: 'refuses a verify that returns a thenable, of whatever kind, since its answer comes too late',
    notFor: needsMechanisms,
    async run(bench) {
      // biome-ignore lint/suspicious/noThenProperty: that is what it is about
      const late = { then: (_: unknown, reject: (error: Error) => void) => reject(new Error('no')) }
      for (const verdict of [late, Promise.resolve()]) {
        const dialogue = bench.dialogue(of(bench, own({ verdict })), undefined, stranger)
        await dialogue.start()
        const [refusal] = dialogue.succeed()
        check(Boolean(refusal?.error), 'a verdict that is not there yet was taken for a good one')
      }
    },
  },
  {
    id: 'PROV-97',
    level: 'must',
    source: contract,
    title: 'treats a mechanism as readable if the mechanism does not say',
    notFor: needsMechanisms,
    async run(bench) {
      const { cleartext: _, ...silent } = own()
      const record = bench.recordOf(of(bench, silent as never))
      check(record?.cleartext === true, `cleartext is ${describeValue(record?.cleartext)}`)
    },
  },
  {
    id: 'PROV-98',
    level: 'must',
    source: downgrade,
    title: 'sends nothing readable if a class name excludes a preferred mechanism that is not readable',
    notFor: needsMechanisms,
    async run(bench) {
      const provider = of(bench, own({ name: 'SCRAM-SHA-256' }), own({ name: 'PLAIN', cleartext: true }))
      const { error } = await bench.dialogue(provider, undefined, password).start()
      check(Boolean(error), `${password} was sent something`)
    },
  },
  {
    id: 'PROV-99',
    level: 'must',
    source: downgrade,
    title: 'sends nothing readable if text that may come from outside excludes the preferred mechanism',
    notFor: needsMechanisms,
    async run(bench) {
      const ruledOut = own({ name: 'X-TICKET', unavailable: ['NO_TICKET'], hearsay: ['NO_TICKET'] })
      const provider = of(bench, failing(ruledOut), own({ name: 'X-READABLE', cleartext: true }))
      const { error } = await bench.dialogue(provider, undefined, stranger).start()
      check(Boolean(error), 'the readable one was used')
    },
  },
]

function needsMechanisms({ subject }: ProviderBench): string | undefined {
  return subject.ofMechanisms ? undefined : 'it takes no mechanisms of others'
}

function of({ subject }: ProviderBench, ...mechanisms: [Mechanism<unknown>, ...Mechanism<unknown>[]]) {
  return (subject.ofMechanisms as NonNullable<typeof subject.ofMechanisms>)(mechanisms)
}

function own({
  verdict,
  ...record
}: Partial<OneWayMechanism<unknown>> & { verdict?: unknown } = {}): OneWayMechanism<unknown> {
  return {
    name: 'X-OWN',
    clientFirst: true,
    mutual: false,
    cleartext: false,
    spec: 'none',
    parseCredentials: () => undefined,
    async *converse() {
      yield finish(Buffer.from('x'), () => verdict as undefined)
    },
    ...record,
  }
}

/** A mechanism whose first message fails, because it cannot be used here. */
function failing(mechanism: OneWayMechanism<unknown>): OneWayMechanism<unknown> {
  return {
    ...mechanism,
    async *converse() {
      yield* []
      throw new AuthError('NO_TICKET', { fault: 'credentials', summary: 'No ticket.', remedy: 'Get one.' })
    },
  }
}

/** A mechanism that promises a proof but checks none. All properties of its record are getters. */
class Promising {
  get name() {
    return 'X-PROMISING'
  }
  get clientFirst() {
    return true
  }
  get mutual() {
    return true
  }
  get cleartext() {
    return false
  }
  get spec() {
    return 'none'
  }
  parseCredentials() {
    return undefined
  }
  async *converse() {
    yield finish(Buffer.from('x'), () => undefined as unknown as ServerProof)
  }
}
