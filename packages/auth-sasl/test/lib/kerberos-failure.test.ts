/** What the texts of libkrb5 mean. */
import type * as Failures from '../../src/lib/gssapi/kerberos-failure.js'

/** Loaded again for each test, because its table is made while it loads. */
function load(): typeof Failures {
  let loaded: typeof Failures | undefined
  jest.isolateModules(() => {
    loaded = require('../../src/lib/gssapi/kerberos-failure.js')
  })
  return loaded as typeof Failures
}
const asked = { server: 'cassandra@node1', keytab: undefined }

test.each([
  ['KERBEROS_TICKET_EXPIRED', 'Ticket expired'],
  ['KERBEROS_TICKET_EXPIRED', 'Credential has expired'],
  ['KERBEROS_TICKET_EXPIRED', 'The credentials have expired'],
  ['KERBEROS_TICKET_EXPIRED', 'KDC_ERR_NEVER_VALID'],
  ['KERBEROS_TICKET_EXPIRED', 'The referenced context has expired'],
  ['KERBEROS_REALM_UNKNOWN', 'Server krbtgt/B@A not found in Kerberos database'],
  ['KERBEROS_REALM_UNKNOWN', 'Cannot determine realm for host'],
  ['KERBEROS_REALM_UNKNOWN', 'Cannot resolve servers for KDC in realm "A"'],
  ['KERBEROS_REALM_UNKNOWN', 'Configuration file does not specify default realm'],
  ['KERBEROS_SERVER_UNKNOWN', 'Server cassandra/node1@A not found in Kerberos database'],
  ['KERBEROS_CLIENT_UNKNOWN', "Client 'app@A' not found in Kerberos database"],
  ['KERBEROS_CLIENT_UNKNOWN', 'Client account is locked out'],
  ['KERBEROS_ENCTYPE_UNSUPPORTED', 'Bad etype'],
  ['KERBEROS_ENCTYPE_UNSUPPORTED', 'KDC has no support for encr'],
  ['KERBEROS_KEYTAB_REFUSED', 'Keytab contains no suitable keys for app@A'],
  ['KERBEROS_KEYTAB_REFUSED', 'Key table entry not found'],
  ['KERBEROS_KEYTAB_REFUSED', 'Password incorrect'],
  ['KERBEROS_NO_CREDENTIALS', 'No credentials were supplied'],
  ['KERBEROS_NO_CREDENTIALS', "Can't open credential cache"],
  ['KERBEROS_NO_CREDENTIALS', "Can't open credentials cache"],
  ['KERBEROS_NO_CREDENTIALS', 'Matching credential not found'],
  ['GSSAPI_FAILED', 'An invalid name was supplied'],
])('%s: %s', (code, text) => {
  const { ticketFailure } = load()
  expect(ticketFailure(new Error(text), asked)).toMatchObject({
    code,
    details: { server: 'cassandra@node1', kerberos: text },
  })
})

test.each([
  ['KERBEROS_CLOCK_SKEW', 'Clock skew too great'],
  ['KERBEROS_TICKET_EXPIRED', 'Ticket expired'],
  ['KERBEROS_TICKET_REFUSED', 'Wrong principal in request'],
])('said by a server, %s: %s', (code, text) => {
  expect(load().serverFailure(new Error(text), 'cassandra@node1')).toMatchObject({
    code,
    details: { server: 'cassandra@node1', kerberos: text },
  })
})

test('with a keytab, no credentials means that the keytab gave none, and nothing else does', () => {
  const { ticketFailure } = load()
  const codeOf = (text: string, keytab?: string) =>
    ticketFailure(new Error(text), { server: 's@h', keytab }).code
  expect(codeOf('No credentials were supplied', '/etc/app.keytab')).toBe('KERBEROS_KEYTAB_REFUSED')
  expect(codeOf('No credentials were supplied')).toBe('KERBEROS_NO_CREDENTIALS')
  expect(codeOf('Clock skew too great', '/etc/app.keytab')).toBe('KERBEROS_CLOCK_SKEW')
})

test.each([undefined, null, {}, { message: 5 }, { message: '' }, 'text'])('%j has no reason', (cause) => {
  const { isExpiry, ticketFailure } = load()
  expect(ticketFailure(cause, asked).details).toMatchObject({ kerberos: 'it failed without a reason' })
  expect(isExpiry(cause)).toBe(false)
})

test('only the words of GSS before those of libkrb5 are left out', () => {
  const { ticketFailure } = load()
  const said = (text: string) => ticketFailure(new Error(text), asked).details['kerberos']
  const gss = 'Unspecified GSS failure.  Minor code may provide more information'
  const none = 'No credentials were supplied, or the credentials were unavailable or inaccessible'
  expect(said(`${gss}: Ticket expired`)).toBe('Ticket expired')
  expect(said(`${none}: Ticket expired`)).toBe('Ticket expired')
  expect(said(`${gss}: `)).toBe(`${gss}: `)
  expect(said(`after all: ${gss}: Ticket expired`)).toBe(`after all: ${gss}: Ticket expired`)
  expect(said('x'.repeat(301))).toBe(`${'x'.repeat(300)}…`)
})
