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

  test('a text is not repeated, though it is not a parser that says it', () => {
    expect(sourceError(new Error(text)).message).not.toContain('hunter')
  })
})
