import { AuthError, authError } from '../../src/errors.js'
import { attemptOf, attemptsError, isBelowFloor } from '../../src/lib/login/attempts.js'
import { isGuarded, levelOf } from '../../src/lib/login/floor.js'
import { mechanismOf } from '../support/harness.js'

const named = (name: string, more: object = {}) => mechanismOf(async function* () {}, { name, ...more })
const kerberos = named('GSSAPI', { unavailable: ['NO_TICKET', 'KDC_SAYS'], hearsay: ['KDC_SAYS'] })
const scram = named('SCRAM-SHA-256')
const plain = named('PLAIN', { cleartext: true })
const external = named('EXTERNAL')

const own = (code: string) =>
  new AuthError(code, { fault: 'config', summary: 's', remedy: 'r' }, 'No ticket.')
const nothingThere = () => authError('CREDENTIALS_NOT_CONFIGURED', 'There is none.')

describe('what became of one mechanism', () => {
  test.each([
    ['its own code that says so', kerberos, own('NO_TICKET'), { unavailable: true, hearsay: false }],
    ['a code that rests on others', kerberos, own('KDC_SAYS'), { unavailable: true, hearsay: true }],
    ['no credentials for it', kerberos, nothingThere(), { unavailable: true, hearsay: false }],
    ['no credentials, and no code of its own', scram, nothingThere(), { unavailable: true, hearsay: false }],
    ["another's code", scram, own('NO_TICKET'), { unavailable: false, hearsay: false }],
    ['any other failure', kerberos, authError('SOURCE_FAILED'), { unavailable: false, hearsay: false }],
  ])('%s', (_, mechanism, reason, expected) => {
    const attempt = attemptOf(mechanism, reason)
    expect(attempt).toMatchObject({ mechanism, ...expected })
    expect(attempt.error.code).toBe(reason.code)
  })

  test('what a stranger throws says nothing of the next mechanism', () => {
    expect(attemptOf(kerberos, new Error('NO_TICKET'))).toMatchObject({ unavailable: false, hearsay: false })
  })
})

describe('the floor', () => {
  const ruledOut = [attemptOf(kerberos, own('KDC_SAYS'))]
  const absent = [attemptOf(kerberos, own('NO_TICKET'))]

  test('hearsay does not lead to a readable mechanism, what this machine knows does', () => {
    expect(isBelowFloor(ruledOut, plain)).toBe(true)
    expect(isBelowFloor(absent, plain)).toBe(false)
    expect(isBelowFloor([...absent, ...ruledOut], plain)).toBe(true)
    expect(isBelowFloor([], plain)).toBe(false)
  })

  test('hearsay may lead to one that is not readable', () => {
    expect(isBelowFloor(ruledOut, scram)).toBe(false)
  })

  test.each([
    [undefined, 'cleartext'],
    [{ cleartext: true, mutual: true }, 'cleartext'],
    [{ mutual: true } as never, 'cleartext'],
    [{ cleartext: false, mutual: false }, 'guarded'],
    [{ cleartext: false, mutual: true }, 'mutual'],
  ])('a provider that says %j of itself gives at least: %s', (record, level) => {
    expect(levelOf(record)).toBe(level)
  })

  test.each([
    [{ cleartext: false }, true],
    [{ cleartext: true }, false],
    [{}, false],
    [{ cleartext: true, guarded: true }, true],
    [{ cleartext: false, guarded: false }, false],
  ])('of %j the secret stays off the wire: %p', (record, guarded) => {
    expect(isGuarded(record)).toBe(guarded)
  })
})

describe('one error for all that was tried', () => {
  const noTicket = attemptOf(kerberos, own('NO_TICKET'))
  const hearsay = attemptOf(kerberos, own('KDC_SAYS'))
  const absent = attemptOf(scram, nothingThere())
  const failed = attemptOf(
    external,
    authError('CREDENTIALS_INVALID', 'Wrong.', { details: { field: 'password' } }),
  )
  const causes = (error: AuthError) => (error.cause as AggregateError).errors

  test('of one alone it is its own', () => {
    expect(attemptsError([noTicket], [])).toBe(noTicket.error)
    expect(attemptsError([failed], [])).toBe(failed.error)
  })

  test('of several of which none can be used: NO_MECHANISM_AVAILABLE, with what each said', () => {
    const error = attemptsError([noTicket, absent], [])
    expect(error.code).toBe('NO_MECHANISM_AVAILABLE')
    expect(causes(error)).toEqual([noTicket.error, absent.error])
    expect(error.message).toMatch(/GSSAPI: .*SCRAM-SHA-256: /)
  })

  test.each([1, 2])('where one was withheld after %i: DOWNGRADE_REFUSED, with its name', (count) => {
    const tried = [hearsay, absent].slice(0, count)
    const error = attemptsError(tried, ['PLAIN', 'X-OPEN'])
    expect(error.code).toBe('DOWNGRADE_REFUSED')
    expect(causes(error)).toEqual(tried.map((attempt) => attempt.error))
    expect(error.message).toMatch(/GSSAPI: .*PLAIN, X-OPEN would/)
  })

  test('where the last one decided it is that, whatever was withheld before', () => {
    const { code, fault, remedy, details } = failed.error
    for (const withheld of [[], ['PLAIN']]) {
      const error = attemptsError([hearsay, failed], withheld)
      expect(error).toMatchObject({ code, fault, remedy, details })
      expect(causes(error)).toEqual([hearsay.error, failed.error])
      expect(error.message).toMatch(/^GSSAPI: .*EXTERNAL: Wrong\./)
    }
  })
})
