import { isDeepStrictEqual } from 'node:util'
import { check } from '../../clause.js'
import { shownIn } from '../../lib/secrets.js'
import { describeValue } from '../../lib/time/waiting.js'
import type { LoginReport, MechanismBench } from '../bench.js'
import type { MechanismClause } from '../clause.js'
import type { MechanismVector } from '../subject.js'

/** The messages that a mechanism sends. */
export const messageClauses: readonly MechanismClause[] = [
  {
    id: 'MECH-10',
    level: 'must',
    source: 'RFC 4422 §3',
    title: 'logs in',
    async run(bench) {
      const { end, error } = await bench.login()
      check(end === 'success', `the login ended ${end}${error ? ` with ${describeValue(error)}` : ''}`)
    },
  },
  {
    id: 'MECH-11',
    level: 'must',
    source: 'Cassandra: a null token is a NullPointerException in several servers',
    title: 'sends zero bytes, never a null token',
    async run(bench) {
      const { tokens } = await bench.login()
      const at = tokens.findIndex((token) => !(token instanceof Uint8Array))
      check(at === -1, `message ${at + 1} is ${describeValue(tokens[at])}, not bytes`)
    },
  },
  {
    id: 'MECH-12',
    level: 'must',
    source: 'RFC 4422 §3.3, §5',
    title: 'sends zero bytes first if the server speaks first',
    notFor: ({ mechanism }) => (mechanism.clientFirst ? 'the client speaks first in it' : undefined),
    async run(bench) {
      const { tokens } = await bench.login()
      check((tokens[0]?.length ?? 0) === 0, `the first message has ${tokens[0]?.length} bytes`)
    },
  },
  {
    id: 'MECH-13',
    level: 'must',
    source: "the mechanism's specification",
    title: 'sends exactly the bytes of the known logins',
    notFor: ({ subject }) => (subject.vectors?.length ? undefined : 'it comes with no known login'),
    async run(bench) {
      for (const vector of bench.subject.vectors ?? []) await replay(bench, vector)
    },
  },
  {
    id: 'MECH-14',
    level: 'must',
    source: '@x/auth-core: ExchangeContext',
    title: 'takes time and randomness only from its context, so that an exchange can be replayed',
    async run(bench) {
      const first = await bench.login()
      const replies = [...first.replies]
      const tape = { respond: () => replies.shift() ?? { failure: 'the tape is over' } }
      const again = await bench.login({ exchange: tape })
      const at = first.tokens.findIndex((token, index) => hex(token) !== hex(again.tokens[index]))
      check(at === -1, `message ${at + 1} differs at the same time, with the same random numbers`)
    },
  },
  {
    id: 'MECH-15',
    level: 'must',
    source: 'RFC 4422 §6.3',
    title: 'sends no secret in any form, unless its record says that it does',
    notFor: ({ mechanism }) => (mechanism.cleartext ? 'it sends the secret, and says so' : undefined),
    async run(bench) {
      const { tokens } = await bench.login()
      const shown = tokens.map((token) =>
        shownIn(Buffer.from(token ?? []).toString('latin1'), bench.account.secrets),
      )
      const at = shown.findIndex((form) => form !== undefined)
      check(at === -1, `message ${at + 1} carries a secret ${shown[at]}`)
    },
  },
  {
    id: 'MECH-16',
    level: 'must',
    source: '@x/auth-core: one value serves all connections',
    title: 'does not change the credentials',
    async run(bench) {
      const { credentials } = bench.account
      const before = structuredClone(credentials)
      await bench.login({ credentials: Object.freeze(credentials) })
      // It compares two clones: in some test runners the prototypes of a clone differ from those of the original.
      check(isDeepStrictEqual(structuredClone(credentials), before), 'the credentials have changed')
      const { end, error } = await bench.login({ credentials })
      check(end !== 'failed', `frozen credentials end in ${describeValue(error)}`)
    },
  },
  {
    id: 'MECH-17',
    level: 'must',
    source: '@x/auth-core: one mechanism serves all connections',
    title: 'shares nothing between 200 interleaved exchanges',
    async run(bench) {
      // Few accounts and one server: in some mechanisms a new password costs thousands of hashes on both sides.
      const accounts = Array.from({ length: 20 }, () => bench.newAccount())
      const server = bench.subject.server(accounts)
      const logins = Array.from({ length: 10 }, () => accounts.map(({ credentials }) => credentials)).flat()
      const alone: LoginReport[] = []
      for (const [index, credentials] of logins.entries()) {
        const context = bench.context({ seed: `seed ${index}` })
        alone.push(await bench.login({ credentials, context, exchange: bench.exchangeWith(server) }))
      }
      const together = await Promise.all(
        logins.map(async (credentials, index) => {
          const replies = [...(alone[index]?.replies ?? [])]
          const tape = {
            respond: async () => {
              await turns(index)
              return replies.shift() ?? { failure: 'the tape is over' }
            },
          }
          return bench.login({
            credentials,
            exchange: tape,
            context: bench.context({ seed: `seed ${index}` }),
          })
        }),
      )
      const mixed = together.filter(
        ({ tokens }, index) => !sameTokens(tokens, alone[index]?.tokens ?? []),
      ).length
      check(mixed === 0, `${mixed} of 200 exchanges sent something else together with others than alone`)
    },
  },
]

/** Waits some turns of the event loop, so that the exchanges overtake one another. */
async function turns(index: number): Promise<void> {
  for (let left = (index * 7) % 4; left > 0; left--) await new Promise((resolve) => setImmediate(resolve))
}

async function replay(bench: MechanismBench, vector: MechanismVector): Promise<void> {
  const random = [...(vector.random ?? [])]
  const context = bench.context({
    now: vector.now ?? 0,
    randomBytes: (size) => {
      const bytes = Buffer.from(random.shift() ?? '', 'hex')
      check(bytes.length === size, `${vector.name}: ${size} random bytes were asked for, not ${bytes.length}`)
      return bytes
    },
  })
  const conversation = bench.converse(context, vector.credentials)
  let message: Uint8Array | null = null
  let last: unknown
  for (const { from, hex: expected } of vector.messages) {
    if (from === 'server') message = Buffer.from(expected, 'hex')
    else {
      const { value, done } = await bench.next(conversation, message)
      check(!done && value !== undefined, `${vector.name}: ended too early`)
      check(
        hex(value.token) === expected.toLowerCase(),
        `${vector.name}: sent ${hex(value.token)}, not ${expected}`,
      )
      last = value.onSuccess
    }
  }
  check(typeof last === 'function', `${vector.name}: after its last message it accepts no success`)
  const { success = null } = vector
  last(success === null ? null : Buffer.from(success, 'hex'))
}

function sameTokens(
  some: readonly (Uint8Array | undefined)[],
  others: readonly (Uint8Array | undefined)[],
): boolean {
  return some.length === others.length && some.every((token, index) => hex(token) === hex(others[index]))
}

function hex(token: Uint8Array | undefined): string {
  return Buffer.from(token ?? []).toString('hex')
}
