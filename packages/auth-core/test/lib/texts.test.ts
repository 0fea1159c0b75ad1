import { openLogins } from '../../src/lib/client/open-logins.js'
import { refuseUnknownNames } from '../../src/lib/client/tls-option-names.js'
import { wrongValue } from '../../src/lib/client/tls-option-values.js'
import { strangersError } from '../../src/lib/login/adopt-error.js'
import { plain } from '../../src/mechanisms/plain.js'

test.each([
  [undefined, 'it threw nothing'],
  [null, 'it threw a value of type object'],
])('of %p that was thrown: %s', (thrown, text) => {
  expect(strangersError(thrown)).toBe(text)
})

test.each([
  [null, /^The username is not a string but null\./],
  [undefined, /^The username is not a string but undefined\./],
  [['alice'], /^The username is not a string but an array\./],
  [7, /^The username is not a string but number\./],
  ['', /^The username is empty\./],
])('a user name that is %j', (username, text) => {
  expect(() => plain.parseCredentials({ username, password: 'x' } as never)).toThrow(text)
})

test('an unknown name in sslOptions is named with the option', () => {
  expect(() => refuseUnknownNames({ rejectUnauthorised: true })).toThrow(/^sslOptions .*rejectUnauthorised/)
})

test.each(['', null])('a value of %j is wrong for an option without a rule of its own', (value) => {
  expect(wrongValue('timeout', value)).toBe('timeout must be neither null nor empty; or leave it out')
  expect(wrongValue('timeout', 5)).toBeUndefined()
})

test('open logins are not known of a stranger, nor of a connection without a reader', () => {
  const record = { openLogins: (_: string, reader: object) => Object.keys(reader).length }
  const sslOptions = { onread: { one: 1 } }
  expect(openLogins({ sslOptions }, undefined)).toBeUndefined()
  expect(openLogins({}, record as never)).toBeUndefined()
  expect(openLogins(undefined, record as never)).toBeUndefined()
  expect(openLogins({ sslOptions }, record as never)?.('127.0.0.1:9042')).toBe(1)
})
