/** Which words of a server are known. The words are those of the servers' sources, not of ours. */
import { knownReport } from '../src/server-report.js'

/** Words, code, and whether more text may follow. */
const known: readonly (readonly [words: string, code: string, open?: 'open'])[] = [
  ['Provided username bob and/or password are incorrect', 'LOGIN_REFUSED'],
  ['Username and/or password are incorrect', 'LOGIN_REFUSED'],
  ['Failed to login. Please re-try.', 'LOGIN_REFUSED'],
  ['Password must not be null', 'LOGIN_REFUSED'],
  ['Authentication ID must not be null', 'LOGIN_REFUSED'],
  ['SASL negotiation not complete', 'LOGIN_REFUSED'],
  ['Could not verify password', 'LOGIN_REFUSED'],
  ["Role bob doesn't exist", 'LOGIN_REFUSED', 'open'],
  ['Unsupported SASL mechanism: X', 'LOGIN_REFUSED', 'open'],
  ['You do not have access to this datacenter', 'LOGIN_REFUSED', 'open'],
  ['You do not have access from this IP', 'LOGIN_REFUSED', 'open'],
  ['Cannot achieve consistency level QUORUM', 'AUTHENTICATION_UNAVAILABLE', 'open'],
  ['Operation timed out', 'AUTHENTICATION_UNAVAILABLE', 'open'],
  ['Operation failed', 'AUTHENTICATION_UNAVAILABLE', 'open'],
  ["Certificate identity 'spiffe://example.org/app' not authorized", 'CERTIFICATE_IDENTITY_REFUSED'],
  ["Certificate identity 'CN=app' not authorized", 'CERTIFICATE_IDENTITY_REFUSED'],
  ['Unable to extract Spiffe from the certificate', 'CERTIFICATE_WITHOUT_IDENTITY', 'open'],
  ['No certificate present on connection', 'CLIENT_CERTIFICATE_REQUIRED'],
  ['Invalid or not supported certificate', 'CLIENT_CERTIFICATE_REFUSED'],
  [
    'The validity period of the provided certificate (2 days) exceeds the maximum allowed validity period of 1 day',
    'CLIENT_CERTIFICATE_REFUSED',
    'open',
  ],
  ['Invalid or unsupported protocol version (6)', 'SERVER_ERROR', 'open'],
  ['java.lang.NullPointerException', 'SERVER_ERROR', 'open'],
]

describe.each(known)('%s', (words, code, open) => {
  test('is known, also as the reason of a failed query', () => {
    expect(knownReport(words)?.code).toBe(code)
    expect(knownReport(`Unable to perform authentication: ${words}`)?.code).toBe(code)
    expect(knownReport(`authentication failed: org.example.SomeException: ${words}`)?.code).toBe(code)
  })

  test('with other text before it is not known', () => {
    expect(knownReport(`hunter2 ${words}`)).toBeUndefined()
  })

  test(`with other text behind it is ${open ? 'known' : 'not known'}`, () => {
    expect(knownReport(`${words} hunter2`)?.code).toBe(open && code)
    expect(JSON.stringify(knownReport(`${words} hunter2`) ?? '')).not.toContain('hunter2')
  })
})

test('the words of a server that are too long, or not a string, are not looked at', () => {
  const words = 'Operation failed'
  expect(knownReport(words.padEnd(4_000))?.code).toBe('AUTHENTICATION_UNAVAILABLE')
  expect(knownReport(words.padEnd(4_001))).toBeUndefined()
  expect(knownReport(undefined)).toBeUndefined()
  expect(knownReport({ toString: () => words })).toBeUndefined()
})

test('values of a closed set are repeated', () => {
  const details = (text: string) => knownReport(text)?.details
  expect(details('Cannot achieve consistency level LOCAL_QUORUM')).toEqual({ consistency: 'LOCAL_QUORUM' })
  expect(details("Certificate identity 'spiffe://example.org/app' not authorized")).toEqual({
    identity: 'spiffe://example.org/app',
  })
  expect(details('Cannot achieve consistency level hunter2')).toEqual({})
})
