/** What is remembered of each server: how many logins it took, and how a mechanism reads its refusals. */
import { type AuthError, authError } from '../../src/errors.js'
import { LoginCounter } from '../../src/lib/login/login-counter.js'
import { expectRefusal, explainedRefusal } from '../../src/lib/login/refusals.js'
import { oneMessage } from '../support/harness.js'

/** A connection that a test can close. */
function connectionOf(reader: object) {
  const closing: (() => void)[] = []
  const connection = { reader, onClose: (closed: () => void) => closing.push(closed) } as never
  const close = () => {
    for (const closed of closing) closed()
  }
  return { connection, close }
}

describe('logins of a server', () => {
  test('are counted one by one, and for each server', () => {
    const counter = new LoginCounter()
    expect(counter.successes('a')).toBe(0)
    for (const at of ['a', 'b', 'a']) counter.add(at, undefined)
    expect([counter.successes('a'), counter.successes('b')]).toEqual([2, 1])
  })

  test('beyond ten thousand servers, the one is forgotten that has waited longest', () => {
    const counter = new LoginCounter()
    for (let index = 0; index < 10_000; index++) counter.add(`s${index}`, undefined)
    expect(counter.successes('s0')).toBe(1)
    counter.add('s0', undefined)
    counter.add('new', undefined)
    expect(['s0', 's1', 's2', 'new'].map((at) => counter.successes(at))).toEqual([2, 0, 1, 1])
  })

  test('count as open until their connection ends, for each client and server', () => {
    const counter = new LoginCounter()
    const [mine, others] = [{}, {}]
    const [first, second, third] = [connectionOf(mine), connectionOf(mine), connectionOf(others)]
    expect(counter.open('a', mine)).toBe(0)
    counter.add('a', first.connection)
    counter.add('a', second.connection)
    counter.add('a', third.connection)
    const open = () => [counter.open('a', mine), counter.open('a', others), counter.open('b', mine)]
    expect(open()).toEqual([2, 1, 0])
    first.close()
    expect(open()).toEqual([1, 1, 0])
    second.close()
    expect(open()).toEqual([0, 1, 0])
    expect(counter.successes('a')).toBe(3)
  })
})

describe('a refusal as the mechanism of the last login reads it', () => {
  const explained = authError('CREDENTIALS_INVALID')
  const refused = (endpoint?: string) => authError('LOGIN_REFUSED', 'no', endpoint ? { endpoint } : {})
  const reading = (explainRefusal?: (refused: AuthError) => unknown) =>
    ({ ...oneMessage, explainRefusal }) as never

  test('is asked for the server that refused, and for no other', () => {
    const asked: AuthError[] = []
    expectRefusal(
      'reads',
      reading((error) => {
        asked.push(error)
        return explained
      }),
    )
    const [known, unknown, nowhere] = [refused('reads'), refused('another'), refused()]
    expect(explainedRefusal(known)).toBe(explained)
    expect(explainedRefusal(unknown)).toBe(unknown)
    expect(explainedRefusal(nowhere)).toBe(nowhere)
    expect(asked).toEqual([known])
  })

  test.each<[string, (() => unknown) | undefined]>([
    ['has nothing to say', undefined],
    ['says nothing', () => undefined],
    ['says what is not an error', () => 'no'],
    [
      'throws',
      () => {
        throw new Error('x')
      },
    ],
  ])('stays what it is if the mechanism %s', (_, explain) => {
    expectRefusal(
      'says',
      reading(() => explained),
    )
    expectRefusal('says', reading(explain))
    const given = refused('says')
    expect(explainedRefusal(given)).toBe(given)
  })

  test('is known for ten thousand servers, the latest ones', () => {
    const mechanism = reading(() => explained)
    for (let index = 0; index < 10_000; index++) expectRefusal(`s${index}`, mechanism)
    expect(explainedRefusal(refused('s0'))).toBe(explained)
    expectRefusal('s0', mechanism)
    expectRefusal('new', mechanism)
    const isExplained = ['s0', 's1', 's2', 'new'].map((at) => explainedRefusal(refused(at)) === explained)
    expect(isExplained).toEqual([true, false, true, true])
  })
})
