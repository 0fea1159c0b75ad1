import { inspect } from 'node:util'
import { authError } from '../../src/errors.js'
import { chain } from '../../src/sources/chain.js'
import { fromEnv } from '../../src/sources/from-env.js'
import { later, login, type Password, scripted, settled } from '../support/logins.js'

const absent = (where: string) => scripted(authError('CREDENTIALS_NOT_CONFIGURED', `Nothing in ${where}.`))
const broken = () => scripted(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))

describe('chain', () => {
  test.each([[[]], [[undefined]], [[() => ({}), 'env']]])('of %p: OPTION_INVALID', (sources) => {
    expect(() => chain(...(sources as never[]))).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })

  test('takes the first answer and asks nobody after it', async () => {
    const [first, second] = [scripted('first'), scripted('second')]
    expect(await login(chain(absent('a').source, first.source, second.source)).password()).toBe('first')
    expect([first.calls.length, second.calls.length]).toEqual([1, 0])
  })

  test('passes the context on unchanged', async () => {
    const { source, calls } = scripted('first')
    const chained = chain(source)
    const context = {
      endpoint: '::1:1',
      address: '::1',
      port: 1,
      authenticator: 'x',
      signal: AbortSignal.any([]),
    }
    await chained(context)
    expect(calls[0]).toBe(context)
  })

  test('stops at whatever is not "not configured", and says what each has said', async () => {
    const last = scripted('last')
    const error = await login(chain(absent('a').source, broken().source, last.source)).error()
    expect(error).toMatchObject({ code: 'SOURCE_FAILED', fault: 'credentials' })
    expect(error.message).toContain('(1 of 3) Nothing in a.')
    expect(error.message).toContain('(2 of 3) The credential source failed: it threw Error ECONNREFUSED ')
    expect((error.cause as AggregateError).errors.map(({ code }) => code)).toEqual([
      'CREDENTIALS_NOT_CONFIGURED',
      'SOURCE_FAILED',
    ])
    expect(last.calls).toHaveLength(0)
  })

  test.each([
    authError('CREDENTIALS_INVALID'),
    authError('CREDENTIALS_EXPIRED'),
    authError('SOURCE_TIMEOUT'),
  ])('stops at $code', async (reason) => {
    const last = scripted('last')
    expect(await login(chain(scripted(reason).source, last.source)).error()).toMatchObject({
      code: reason.code,
      fault: reason.fault,
    })
    expect(last.calls).toHaveLength(0)
  })

  test('none configured: one error that names all', async () => {
    const environment = chain<Password>(
      fromEnv({ username: 'DB_USER', password: 'DB_PASSWORD' }, { environment: {} }),
      absent('a').source,
    )
    const error = await login(environment).error()
    expect(error.code).toBe('CREDENTIALS_NOT_CONFIGURED')
    expect(error.message).toContain('DB_USER')
    expect(error.message).toContain('Nothing in a.')
  })

  test('a source that throws synchronously counts like one that rejects', async () => {
    const throwing = () => {
      throw authError('CREDENTIALS_NOT_CONFIGURED')
    }
    expect(await login(chain<Password>(throwing, scripted('second').source)).password()).toBe('second')
  })

  test('asks nobody any more once the login has given up', async () => {
    const { answer, resolve } = later()
    const second = scripted('second')
    const attempt = login(chain(scripted(answer).source, second.source))
    await settled()
    attempt.abort()
    resolve(authError('CREDENTIALS_NOT_CONFIGURED'))
    expect((await attempt.error()).message).toBe('the deadline has passed')
    expect(second.calls).toHaveLength(0)
  })

  test('of one is that one, in its own words', async () => {
    const error = await login(chain(absent('a').source)).error()
    expect(error.message).toMatch(/^Nothing in a\./)
  })

  test('shows no secret of an error that quotes it', async () => {
    const quoting = scripted(() => JSON.parse('{"password": "hunter2" oops'))
    const error = await login(chain(absent('a').source, quoting.source)).error()
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2')
  })
})
