/**
 * Random schedules of logins on a clock of the test: how often the source is asked. Right logins are never taken for
 * refused ones, whatever they take; a refused password costs one question.
 */
import fc from 'fast-check'
import { authError } from '../../src/errors.js'
import { cached } from '../../src/sources/cached.js'
import { login, type Password, settled } from '../support/logins.js'
import { ManualClock } from '../support/manual-clock.js'

interface PlannedLogin {
  /** When it asks. */
  readonly at: number
  /** From the first message to the server's answer. */
  readonly takesMs: number
  readonly host: number
}

interface World {
  /** How long the source takes. */
  readonly sourceMs: number
  /** Whether refusals are reported, as where the connection can be seen. */
  readonly seen: boolean
  /** When the servers begin to take another password. */
  readonly changesAt?: number
}

const deadlineMs = 10_000

/** Plays the schedule; what became of each login, and the cache. */
async function play(plan: readonly PlannedLogin[], { sourceMs, seen, changesAt = Infinity }: World) {
  const clock = new ManualClock(0)
  const right = () => (clock.now() >= changesAt ? 'new' : 'old')
  const wait = (ms: number) => new Promise<void>((resolve) => clock.schedule(ms, resolve))
  const source = cached<Password>(
    async () => {
      await wait(sourceMs)
      return { username: 'alice', password: right() }
    },
    { clock, random: () => 0.5 },
  )
  const outcomes: string[] = []
  for (const [index, { at, takesMs, host }] of plan.entries()) {
    clock.schedule(at, () => void run(index, takesMs, `10.0.0.${host}:9042`))
  }
  async function run(index: number, takesMs: number, at: string) {
    const attempt = login(source, { at, seesRefusals: seen })
    const password = await attempt.password()
    attempt.sent()
    await wait(takesMs)
    if (password === right()) {
      outcomes[index] = 'success'
      return attempt.success()
    }
    outcomes[index] = 'refused'
    if (seen) return attempt.refused()
    await wait(deadlineMs - takesMs)
    attempt.failure(authError('SERVER_TIMEOUT'))
  }
  const end = Math.max(...plan.map(({ at }) => at)) + 2 * deadlineMs + sourceMs
  while (clock.now() < end && outcomes.filter(Boolean).length < plan.length) {
    clock.advance(clock.nextIn ?? 1)
    await settled()
  }
  return { outcomes, ...source.status() }
}

/** Logins that follow one another without a pause, as when a pool or a fleet comes back. */
function storms(takesMs: fc.Arbitrary<number>): fc.Arbitrary<PlannedLogin[]> {
  const each = fc.record({ gapMs: fc.integer({ min: 0, max: 450 }), takesMs })
  return fc.array(each, { minLength: 2, maxLength: 60 }).map((logins) => {
    let at = 0
    return logins.map(({ gapMs, takesMs }) => {
      at += gapMs
      return { at, takesMs, host: 1 }
    })
  })
}

const rush = (count: number, everyMs: number, takesMs: number): PlannedLogin[] =>
  Array.from({ length: count }, (_, index) => ({ at: index * everyMs, takesMs, host: index % 3 }))

describe('a storm of right logins', () => {
  test.each([
    [200, 50, 200],
    [200, 50, 800],
    [200, 50, 3_000],
    [200, 50, 9_900],
    [200, 300, 9_900],
    [1_000, 0, 5],
    [1_000, 0, 5_000],
  ])('%p logins, one every %p ms, that take %p ms: 1 question', async (count, everyMs, takesMs) => {
    for (const seen of [true, false]) {
      const { fetches } = await play(rush(count, everyMs, takesMs), { sourceMs: 100, seen })
      expect(fetches).toBe(1)
    }
  })

  test('whatever each of them takes: 1 question; where nobody tells, hardly any more', () =>
    fc.assert(
      fc.asyncProperty(
        storms(fc.integer({ min: 0, max: deadlineMs - 1 })),
        fc.boolean(),
        async (plan, seen) => {
          const { fetches, outcomes } = await play(plan, { sourceMs: 10, seen })
          expect(new Set(outcomes)).toEqual(new Set(['success']))
          if (seen) expect(fetches).toBe(1)
          // Nobody tells: one that is four times as slow as all others, and beyond 2 s, costs a question.
          else expect(fetches).toBeLessThanOrEqual(3)
        },
      ),
      { numRuns: 60 },
    ))

  test('that are of one kind (none takes four times as long as another), where nobody tells: 1 question', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 2_400 }).chain((ms) => storms(fc.integer({ min: ms, max: 4 * ms }))),
        async (plan) => {
          const { fetches } = await play(plan, { sourceMs: 10, seen: false })
          expect(fetches).toBe(1)
        },
      ),
      { numRuns: 60 },
    ))

  test('at a server that was quick until then, and takes 2 s now: 1 question', async () => {
    const calm = Array.from({ length: 5 }, (_, index) => ({ at: index * 1_000, takesMs: 5, host: 0 }))
    const busy = rush(200, 50, 2_000).map((each) => ({ ...each, at: each.at + 6_000, host: 0 }))
    expect((await play([...calm, ...busy], { sourceMs: 10, seen: false })).fetches).toBe(1)
  })
})

describe('a password that changes in a storm', () => {
  test('refusals that are seen: 1 question more, and anyone who asks after it succeeds', () =>
    fc.assert(
      fc.asyncProperty(storms(fc.integer({ min: 1, max: 3_000 })), fc.nat(5_000), async (plan, changesAt) => {
        const { fetches, outcomes, refusals, guesses } = await play(plan, {
          sourceMs: 10,
          seen: true,
          changesAt,
        })
        expect(refusals).toBe(fetches - 1)
        expect(refusals).toBeLessThanOrEqual(1)
        expect(guesses).toBe(0)
        const lastRefused = outcomes.lastIndexOf('refused')
        // Sent after the first refusal was known, none is refused.
        const known = Math.min(
          ...plan.map(({ at, takesMs }, index) =>
            outcomes[index] === 'refused' ? at + 10 + takesMs : Infinity,
          ),
        )
        if (lastRefused >= 0) expect(plan[lastRefused]?.at).toBeLessThanOrEqual(known)
      }),
      { numRuns: 60 },
    ))

  test('nobody tells, and the driver tries again after a second: healed at that attempt', async () => {
    const calm = Array.from({ length: 5 }, (_, index) => ({ at: index * 1_000, takesMs: 5, host: 0 }))
    const retries = [5_000, 6_000, 7_000].map((at) => ({ at, takesMs: 5, host: 0 }))
    const { outcomes, fetches } = await play([...calm, ...retries], {
      sourceMs: 10,
      seen: false,
      changesAt: 4_500,
    })
    expect(outcomes.slice(5)).toEqual(['refused', 'success', 'success'])
    expect(fetches).toBe(2)
  })
})
