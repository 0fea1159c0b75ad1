/** What a list of ciphers allows. */
import tls from 'node:tls'
import { fresh } from './support/fresh.js'

const load = () =>
  fresh(
    () =>
      require('../src/lib/material/weak-ciphers.js') as typeof import('../src/lib/material/weak-ciphers.js'),
  )
afterEach(() => jest.restoreAllMocks())

test.each<[string | undefined, string[]]>([
  [undefined, []],
  ['DEFAULT', []],
  ['HIGH:!aNULL', []],
  ['DEFAULT@SECLEVEL=0', ['weak keys']],
  ['ADH-AES256-GCM-SHA384:@SECLEVEL=0', ['weak keys', 'servers that show no certificate']],
  ['NULL-SHA256:@SECLEVEL=0', ['weak keys', 'no encryption at all']],
  ['AECDH-NULL-SHA:@SECLEVEL=0', ['weak keys', 'servers that show no certificate', 'no encryption at all']],
  ['ECDHE-RSA-AES128-GCM-SHA256:ADH-AES256-GCM-SHA384:!aNULL:@SECLEVEL=0', ['weak keys']],
])('%j allows %j', (ciphers, expected) => {
  expect(load().weaknessesOf(ciphers)).toEqual(expected)
})

test('weak keys are accepted at security level 0 alone, and a list that is refused is not judged', () => {
  const { admitsWeakKeys } = load()
  expect(admitsWeakKeys()).toBe(false)
  expect(admitsWeakKeys('DEFAULT')).toBe(false)
  expect(admitsWeakKeys('DEFAULT@SECLEVEL=0')).toBe(true)
  expect(admitsWeakKeys('NO_SUCH_CIPHER')).toBe(true)
})

test('an OpenSSL without security levels accepts weak keys with every list, so no list is to blame', () => {
  const { createSecureContext } = tls
  jest
    .spyOn(tls, 'createSecureContext')
    .mockImplementation(({ cert, ...options } = {}) => createSecureContext(options))
  const { admitsWeakKeys, weaknessesOf } = load()
  expect(admitsWeakKeys('DEFAULT')).toBe(true)
  expect(weaknessesOf('DEFAULT')).toEqual([])
  expect(weaknessesOf('DEFAULT@SECLEVEL=0')).toEqual([])
})
