import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { AuthError, authError } from '../src/errors.js'
import { quotable } from '../src/quotable.js'

/** ESC with a colour, line ends, a bidirectional override, NUL, a lone surrogate. */
const raw = 'a\u001b[31m\r\nb\u202e\u0000\ud800'
const harmful = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

describe('quotable', () => {
  test('replaces what could steer a terminal, and cuts', () => {
    expect(quotable(raw)).toBe('a?[31m b???')
    expect(quotable('x'.repeat(50_000))).toBe(`${'x'.repeat(200)}…`)
    expect(quotable('Zoë 密码 €')).toBe('Zoë 密码 €')
  })

  test('line ends are spaces, as those of OpenSSL', () => {
    expect(quotable('error:0A000412:SSL routines::alert\nerror:80:two\n')).toBe(
      'error:0A000412:SSL routines::alert error:80:two',
    )
  })

  test('what is not text is not text', () => {
    expect([quotable(undefined), quotable({ toString: () => 'x' }), quotable(7)]).toEqual(['', '', ''])
  })

  test('any text: short and harmless', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const quoted = quotable(text, 100)
        expect(quoted.length).toBeLessThanOrEqual(101)
        expect(quoted).not.toMatch(harmful)
      }),
    )
  })

  test.each([
    ['quotable.ts', 'auth-core/src/quotable.ts', 'tls-profiles/src/lib/quotable.ts'],
    ['tls-failures.ts', 'auth-core/src/lib/tls-failures.ts', 'tls-profiles/src/lib/tls-failures.ts'],
  ])('tls-profiles, which depends on nothing of ours, has the same %s', (_, ours, theirs) => {
    const text = (path: string) => readFileSync(join(__dirname, '../..', path), 'utf8')
    expect(text(theirs)).toBe(text(ours))
  })
})

describe('an AuthError is fit to be printed', () => {
  const long = `${raw}${'x'.repeat(50_000)}`

  test('its message and its fields', () => {
    const details = { [`identity`]: long }
    const error = authError('NO_ROUTE', long, {
      endpoint: long,
      authenticator: long,
      mechanism: long,
      details,
    })
    const { message, endpoint, authenticator, mechanism } = error
    for (const text of [message, endpoint, authenticator, mechanism, error.details['identity']]) {
      expect(text).not.toMatch(harmful)
      expect(text?.length).toBeLessThan(5_000)
    }
    expect(message).toContain(error.remedy)
    expect(JSON.stringify(error)).not.toContain('\\u001b')
  })

  test("inspect shows a stranger's cause by its class and code only, and ours whole", () => {
    const stranger = Object.assign(new TypeError('hunter2 is no JSON'), {
      code: 'ERR_INVALID_URL',
      password: 'hunter2',
    })
    const error = authError('SOURCE_FAILED', undefined, { endpoint: 'a:1', cause: stranger })
    expect(error.cause).toBe(stranger)
    const shown = inspect(error, { depth: 9 })
    expect(shown).toContain('SOURCE_FAILED')
    expect(shown).toContain('TypeError ERR_INVALID_URL')
    expect(shown).not.toContain('hunter2')
    expect(inspect(new Error('outer', { cause: error }))).not.toContain('hunter2')

    const ours = inspect(authError('NO_ROUTE', undefined, { cause: authError('SOURCE_TIMEOUT', 'Slow.') }))
    expect(ours).toContain('Slow.')
    expect(inspect(authError('NO_ROUTE'))).not.toContain('[cause]')
    expect(error).toBeInstanceOf(AuthError)
  })

  test.each([[{ secret: 'hunter2' }], ['hunter2'], [Object.assign(new Error('x'), { name: 'hunter2 \n' })]])(
    'a cause of any kind',
    (cause) => {
      expect(inspect(authError('SOURCE_FAILED', undefined, { cause }))).not.toContain('hunter2')
    },
  )
})
