import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { errors as driverErrors } from 'cassandra-driver'
import { AuthError, authError, errorFactory, errorTable, isAuthError } from '../src/errors.js'

describe('AuthError', () => {
  test('says what happened and what to do, and matches by code', () => {
    const error = authError('SOURCE_TIMEOUT', 'The source did not answer within 10 ms.', {
      endpoint: '127.0.0.1:9042',
    })
    expect(error.message).toBe(`The source did not answer within 10 ms. ${errorTable.SOURCE_TIMEOUT.remedy}`)
    expect(error).toMatchObject({
      name: 'AuthError',
      code: 'SOURCE_TIMEOUT',
      fault: 'timeout',
      endpoint: '127.0.0.1:9042',
    })
    expect(error.stack).toContain('The source did not answer within 10 ms.')
    expect(error.stack).toContain('errors.test')
  })

  test("is one of the driver's own, so that checks in applications hold", () => {
    expect(authError('NO_ROUTE')).toBeInstanceOf(driverErrors.AuthenticationError)
    expect(authError('NO_ROUTE')).toBeInstanceOf(Error)
  })

  test('JSON has no cause', () => {
    const error = authError('SOURCE_FAILED', undefined, { cause: new Error('inner') })
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ code: 'SOURCE_FAILED', fault: 'credentials' })
    expect(JSON.stringify(error)).not.toContain('inner')
    expect(error.cause).toMatchObject({ message: 'inner' })
  })

  test("of an error that ends the process Node prints no stranger's cause, and a cause of ours", () => {
    const hook = join(__dirname, '../../../scripts/typescript.cjs')
    const script = `
      const { authError } = require(${JSON.stringify(join(__dirname, '../src/errors.ts'))})
      const stranger = Object.assign(new Error('hunter2'), { response: { body: 'hunter2' } })
      const inner = authError('NO_PROVIDER', 'This is the inner one.', { cause: stranger })
      throw new Error('outer', { cause: authError('SOURCE_FAILED', undefined, { cause: inner }) })`
    const { status, stderr } = spawnSync(process.execPath, ['--require', hook, '-e', script], {
      encoding: 'utf8',
    })
    expect(status).toBe(1)
    expect(stderr).toContain('SOURCE_FAILED')
    expect(stderr).toContain('This is the inner one.')
    expect(stderr).not.toContain('body')
    // The script itself may be shown as the line that threw.
    expect(stderr.slice(stderr.indexOf('Error: outer'))).not.toContain('hunter2')
  })

  test('is recognised by its brand, also when another copy of the class made it', () => {
    class OtherCopy extends Error {
      code = 'SOURCE_FAILED'
    }
    Object.defineProperty(OtherCopy.prototype, Symbol.for('@x/auth:error'), { value: true })
    expect(isAuthError(new OtherCopy())).toBe(true)
    expect(isAuthError(new Error('other'))).toBe(false)
    expect(isAuthError({ [Symbol.for('@x/auth:error')]: true })).toBe(false)
    expect(isAuthError(undefined)).toBe(false)
  })

  test('another package adds a table of its own', () => {
    const error = errorFactory({
      OWN_CODE: { fault: 'peer', summary: 'It went wrong.', remedy: 'Correct it.' },
    })('OWN_CODE')
    expect(error).toBeInstanceOf(AuthError)
    expect(error).toMatchObject({ code: 'OWN_CODE', message: 'It went wrong. Correct it.' })
  })
})

describe('the table', () => {
  test.each(Object.entries(errorTable))('%s is written out', (code, { fault, summary, remedy }) => {
    expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/)
    expect(['config', 'credentials', 'peer', 'unsupported', 'unverified', 'timeout', 'internal']).toContain(
      fault,
    )
    expect(summary).toMatch(/^[A-Z].*\.$/)
    expect(remedy).toMatch(/\.$/)
  })
})
