import { isAuthError } from '@x/auth-core'
import { check } from '../../clause.js'
import { describeValue } from '../../lib/time/waiting.js'
import type { MechanismClause } from '../clause.js'

/** The record, and the credentials that it accepts. */
export const recordClauses: readonly MechanismClause[] = [
  {
    id: 'MECH-01',
    level: 'must',
    source: 'RFC 4422 §3.1',
    title:
      'has a name as SASL prescribes it, in capitals if it is a SASL mechanism, and names its specification',
    async run({ mechanism }) {
      // RFC 4422 allows only upper case, and servers compare names byte by byte. Other names are those that their
      // server expects.
      const form = mechanism.sasl === false ? /^[A-Za-z0-9_-]{1,20}$/ : /^[A-Z0-9_-]{1,20}$/
      check(form.test(mechanism.name), `${describeValue(mechanism.name)} is not a name of a mechanism`)
      check(typeof mechanism.spec === 'string' && mechanism.spec !== '', 'the record names no specification')
      for (const flag of ['clientFirst', 'mutual', 'cleartext'] as const) {
        check(typeof mechanism[flag] === 'boolean', `${flag} is ${describeValue(mechanism[flag])}`)
      }
    },
  },
  {
    id: 'MECH-02',
    level: 'must',
    source: '@x/auth-core: Mechanism.parseCredentials',
    title: 'accepts or refuses any value as credentials, and refuses only with CREDENTIALS_INVALID',
    async run({ mechanism }) {
      for (const value of [
        undefined,
        null,
        0,
        '',
        'text',
        [],
        {},
        true,
        Symbol('s'),
        () => undefined,
        new Date(),
      ]) {
        const error = thrownBy(() => mechanism.parseCredentials(value))
        const typed = error === undefined || (isAuthError(error) && error.code === 'CREDENTIALS_INVALID')
        check(typed, `parseCredentials threw ${describeValue(error)}`)
      }
    },
  },
  {
    id: 'MECH-03',
    level: 'must',
    source: '@x/auth-core: Mechanism.parseCredentials',
    title: 'refuses credentials of which any field has the wrong type',
    async run({ mechanism, account }) {
      const credentials = account.credentials as Record<string, unknown>
      for (const field of Object.keys(credentials)) {
        const error = thrownBy(() => mechanism.parseCredentials({ ...credentials, [field]: 42 }))
        check(error !== undefined, `the number 42 was accepted for ${field}`)
      }
    },
  },
  {
    id: 'MECH-04',
    level: 'must',
    source: 'native_protocol_v1.spec §4.1.2',
    title: 'gives protocol version 1 the user name and the password unchanged, or nothing',
    notFor: ({ mechanism }) => (mechanism.protocolV1 ? undefined : 'it has nothing for protocol version 1'),
    async run({ mechanism, account }) {
      const pair = mechanism.protocolV1?.(mechanism.parseCredentials(account.credentials))
      check(
        pair === undefined || pair.username === account.username,
        `the user name is ${describeValue(pair?.username)}`,
      )
      check(pair === undefined || account.secrets.includes(pair.password), 'the password is another')
      check(mechanism.cleartext, 'the record does not say that a password may be sent readable')
    },
  },
]

function thrownBy(call: () => unknown): unknown {
  try {
    call()
    return undefined
  } catch (error) {
    return error ?? new Error('nothing was thrown')
  }
}
