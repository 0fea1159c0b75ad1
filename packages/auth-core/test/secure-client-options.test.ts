import { auth, type ClientOptions } from 'cassandra-driver'
import { plain } from '../src/mechanisms/plain.js'
import { routeByAuthenticator } from '../src/routing.js'
import { secureClientOptions } from '../src/secure-client-options.js'
import { oneMessage, providerOf } from './support/harness.js'

const cleartext = providerOf({ mechanism: plain, credentials: { username: 'a', password: 'b' } }).provider
const hidden = providerOf().provider
const base: ClientOptions = { contactPoints: ['127.0.0.1'], localDataCenter: 'datacenter1' }
const profile = (record: object, own: object = {}) => ({
  rejectUnauthorized: true,
  secureContext: {},
  [Symbol.for('@x/tls:profile')]: {
    verifies: { chain: true, name: true },
    sendsClientCertificate: false,
    maxVersion: 'TLSv1.3',
    ...record,
  },
  ...own,
})

const check = (options: object, choices = {}) =>
  secureClientOptions({ ...base, ...options } as ClientOptions, choices)
const codeOf = (options: object, choices = {}) => {
  try {
    check(options, choices)
    return undefined
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('a mechanism that sends the password readable', () => {
  test.each([
    ['without TLS', {}, 'CLEARTEXT_WITHOUT_TLS'],
    ["under the driver's default TLS", { sslOptions: {} }, 'CLEARTEXT_WITHOUT_TLS'],
    [
      'under TLS that verifies nothing',
      { sslOptions: { rejectUnauthorized: false } },
      'CLEARTEXT_WITHOUT_TLS',
    ],
    ['under a truthy text', { sslOptions: { rejectUnauthorized: 'true' } }, 'CLEARTEXT_WITHOUT_TLS'],
    ['under verified TLS', { sslOptions: { rejectUnauthorized: true, ca: 'x' } }, undefined],
    ['under a profile', { sslOptions: profile({}) }, undefined],
    [
      'under a profile that verifies no chain',
      { sslOptions: profile({ verifies: { chain: false } }) },
      'CLEARTEXT_WITHOUT_TLS',
    ],
    [
      'under a spread profile, switched off',
      { sslOptions: profile({}, { rejectUnauthorized: false }) },
      'CLEARTEXT_WITHOUT_TLS',
    ],
    ['under cloud', { cloud: { secureConnectBundle: 'x.zip' } }, undefined],
  ])('%s', (_, options, code) => {
    expect(codeOf({ authProvider: cleartext, ...options })).toBe(code)
    expect(codeOf({ authProvider: new auth.PlainTextAuthProvider('a', 'b'), ...options })).toBe(code)
    expect(codeOf({ credentials: { username: 'a', password: 'b' }, ...options })).toBe(code)
    expect(codeOf({ authProvider: hidden, ...options })).toBeUndefined()
    expect(
      codeOf({ authProvider: cleartext, ...options }, { allowCleartextWithoutVerifiedTls: true }),
    ).toBeUndefined()
  })

  test('a mechanism that exposes something else needs verified TLS too', () => {
    const token = providerOf({ mechanism: { ...oneMessage, exposes: 'the session token' } as never }).provider
    expect(codeOf({ authProvider: token })).toBe('CLEARTEXT_WITHOUT_TLS')
    expect(() => check({ authProvider: token })).toThrow(/the session token/)
    expect(codeOf({ authProvider: token, sslOptions: { rejectUnauthorized: true } })).toBeUndefined()
    const routed = routeByAuthenticator([{ authenticator: 'X', provider: token }])
    expect(codeOf({ authProvider: routed })).toBe('CLEARTEXT_WITHOUT_TLS')
    expect(codeOf({ authProvider: token }, { allowCleartextWithoutVerifiedTls: true })).toBeUndefined()
  })

  test('a mechanism of which nobody says whether it is readable counts as readable', () => {
    const { cleartext: _, ...silent } = oneMessage
    const { provider } = providerOf({ mechanism: silent as never })
    expect(codeOf({ authProvider: provider })).toBe('CLEARTEXT_WITHOUT_TLS')
  })

  test('no login, no demand', () => {
    expect(codeOf({})).toBeUndefined()
  })
})

describe('contradictions', () => {
  test.each([
    ['two logins', { authProvider: hidden, credentials: { username: 'a', password: 'b' } }],
    ['cloud with sslOptions', { cloud: { secureConnectBundle: 'x.zip' }, sslOptions: {} }],
    ['a CA beside a context', { sslOptions: { secureContext: {}, ca: 'x', rejectUnauthorized: true } }],
    ['a version beside a profile', { sslOptions: profile({}, { minVersion: 'TLSv1.3' }) }],
    ['a name check without effect', { sslOptions: { checkServerIdentity: () => undefined } }],
    ['a redirection', { sslOptions: { host: 'elsewhere', rejectUnauthorized: true } }],
  ])('%s', (_, options) => {
    expect(codeOf(options)).toBe('OPTIONS_CONTRADICT')
  })
})

describe('the version probe that would crash', () => {
  test.each([
    ['client certificate in a profile', profile({ sendsClientCertificate: true }), 4],
    [
      'its profile avoids TLS 1.3',
      profile({ sendsClientCertificate: true, maxVersion: 'TLSv1.2' }),
      undefined,
    ],
    ['no client certificate', profile({}), undefined],
    ['own options with a certificate', { rejectUnauthorized: true, cert: 'x', key: 'y' }, 4],
    [
      'own options with a certificate, TLS 1.2',
      { rejectUnauthorized: true, cert: 'x', key: 'y', maxVersion: 'TLSv1.2' },
      undefined,
    ],
    ['own options without', { rejectUnauthorized: true }, undefined],
  ])('%s', (_, sslOptions, maxVersion) => {
    const options = check({ sslOptions })
    expect(options.protocolOptions?.maxVersion).toBe(maxVersion)
    expect(options.sslOptions).toBe(sslOptions)
  })

  test('a version of the user stays, other options too, and nothing given is changed', () => {
    const sslOptions = profile({ sendsClientCertificate: true })
    const given = { ...base, sslOptions, protocolOptions: { port: 9142 } } as unknown as ClientOptions
    expect(secureClientOptions(given)).toMatchObject({
      ...base,
      protocolOptions: { port: 9142, maxVersion: 4 },
    })
    expect(given.protocolOptions).toEqual({ port: 9142 })
    expect(check({ sslOptions, protocolOptions: { maxVersion: 3 } }).protocolOptions?.maxVersion).toBe(3)
  })
})
