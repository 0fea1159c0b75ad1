import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import { sourceError } from '../../src/lib/login/source-error.js'

const text = '{"password": "hunter2", oops'
const parseError = () => {
  try {
    return JSON.parse(text) as Error
  } catch (error) {
    return error as Error
  }
}
const foreign = runInNewContext('try { JSON.parse(text) } catch (error) { error }', { text }) as Error

const nothing = (): never => {
  throw new Error('not readable')
}

/** As the YAML and TOML parsers are: a class of its own, sometimes under the name Error. */
class YAMLParseError extends Error {}

describe('an error that quotes what it could not parse', () => {
  test.each<[string, Error]>([
    ['unchanged', parseError()],
    ['of another realm', foreign],
    ['of a class', new YAMLParseError(text)],
    ['wrapped as cause', new Error(`bad: ${text}`, { cause: parseError() })],
    ['wrapped as cause of a cause', new Error('x', { cause: new Error(text, { cause: foreign }) })],
    ['in an AggregateError', new AggregateError([new Error('x'), parseError()], text)],
    ['in a Set', Object.assign(new Error(text), { errors: new Set([parseError()]) })],
    ['in an object', Object.assign(new Error(text), { errors: { password: parseError() } })],
    ['in another property', Object.assign(new Error(text), { reason: parseError() })],
  ])('%s: neither its text nor itself is passed on', (_, reason) => {
    const error = sourceError(reason)
    expect(error).toMatchObject({ code: 'SOURCE_FAILED', cause: undefined })
    expect(inspect([error, error.cause], { depth: 9, showHidden: true })).not.toContain('hunter')
  })

  test('a circle of errors ends', () => {
    const circle = new Error('x')
    circle.cause = new Error('y', { cause: circle })
    expect(sourceError(circle)).toMatchObject({ code: 'SOURCE_FAILED', cause: circle })
  })

  /** A parser's error as the innermost of so many. */
  const chain = (errors: number): Error => {
    let error = parseError()
    for (let count = 1; count < errors; count++) error = new Error('x', { cause: error })
    return error
  }

  test('is found within 64 others, and a longer chain is not followed', () => {
    expect(sourceError(chain(65)).cause).toBeUndefined()
    const longer = chain(66)
    expect(sourceError(longer).cause).toBe(longer)
  })

  test.each<[string, Error]>([
    ['whose name cannot be read', Object.defineProperty(new Error(text), 'name', { get: () => nothing() })],
    [
      'of a class whose name cannot be read',
      Object.assign(new Error(text), { constructor: null, name: 'Parse' }),
    ],
  ])('an error %s counts as a parser’s', (_, reason) => {
    expect(sourceError(reason)).toMatchObject({ code: 'SOURCE_FAILED', cause: undefined })
    expect(sourceError(reason).message).toContain('could not parse its input')
  })

  test('an error without a constructor is one like others', () => {
    const reason = Object.assign(new Error('x'), { constructor: undefined })
    expect(sourceError(reason).cause).toBe(reason)
  })

  test.each([[undefined], [null], ['SyntaxError'], [{ name: 'SyntaxError' }], [{ cause: parseError() }]])(
    'what is not an error is not a parser’s: %p',
    (reason) => {
      const { message } = sourceError(reason)
      expect(message).toMatch(/^The credential source failed: it threw /)
      expect(message).not.toContain('could not parse')
    },
  )

  test.each<[string, unknown]>([
    ['a Map', new Map([['a', parseError()]])],
    ['a list', ['x', null, parseError()]],
    ['a list, after 63 others', [...Array.from({ length: 63 }, () => 'x'), parseError()]],
  ])('%s of errors is searched', (_, errors) => {
    expect(sourceError(Object.assign(new Error('x'), { errors })).cause).toBeUndefined()
  })

  test('what is not an error does not count as one of them', () => {
    const cause = new Error('y', { cause: parseError() })
    const errors = new Set(Array.from({ length: 100 }, (_, index) => String(index)))
    const reason = Object.assign(new Error('x'), { errors, cause })
    expect(sourceError(reason).cause).toBeUndefined()
  })

  test('of a long list only the beginning is searched', () => {
    const errors = [...Array.from({ length: 64 }, () => 'x'), parseError()]
    const reason = Object.assign(new Error('x'), { errors })
    expect(sourceError(reason).cause).toBe(reason)
  })

  test('a text is not repeated, though it is not a parser that says it', () => {
    expect(sourceError(new Error(text)).message).not.toContain('hunter')
  })
})
