import { createSecureContext } from 'node:tls'
import { auth, type ClientOptions } from 'cassandra-driver'
import { CertificateAuthProvider } from '../src/certificate-auth-provider.js'
import { recordOf } from '../src/provider-record.js'
import { routeByAuthenticator } from '../src/routing.js'
import { secureClientOptions } from '../src/secure-client-options.js'
import { connect, endpoint, errorOf, tokenOf } from './support/harness.js'

const mutualTls = 'org.apache.cassandra.auth.MutualTlsAuthenticator'
const withFallback = 'org.apache.cassandra.auth.MutualTlsWithPasswordFallbackAuthenticator'
const password = 'org.apache.cassandra.auth.PasswordAuthenticator'

describe('CertificateAuthProvider', () => {
  test.each([mutualTls, withFallback])('answers %s by zero bytes', async (name) => {
    const driver = connect(new CertificateAuthProvider(), endpoint, name)
    expect(tokenOf(await driver.start())).toBe('')
    expect(driver.succeed(null)).toBeUndefined()
  })

  test.each([
    password,
    'com.datastax.bdp.cassandra.auth.DseAuthenticator',
    'org.apache.cassandra.auth.MutualTlsInternodeAuthenticator',
    'MutualTlsAuthenticator.Other',
    '',
  ])('sends nothing to %p', async (name) => {
    const driver = connect(new CertificateAuthProvider(), endpoint, name)
    expect(errorOf(await driver.start())).toMatchObject({
      code: 'AUTHENTICATOR_NOT_ALLOWED',
      fault: 'config',
      authenticator: name,
      endpoint,
    })
    expect(driver.answers).toHaveLength(1)
  })

  test('says what the authenticator of a known server wants', async () => {
    const { message } = errorOf(await connect(new CertificateAuthProvider(), endpoint, password).start())
    expect(message).toContain('PlainTextAuthProvider')
    expect(message).toContain('routeByAuthenticator')
  })

  test('answers the authenticators that it is told, and only them', async () => {
    const provider = new CertificateAuthProvider({ authenticators: ['com.example.CertificateAuthenticator'] })
    const own = connect(provider, endpoint, 'com.example.CertificateAuthenticator')
    expect(tokenOf(await own.start())).toBe('')
    expect(errorOf(await connect(provider, endpoint, mutualTls).start()).code).toBe(
      'AUTHENTICATOR_NOT_ALLOWED',
    )
  })

  test.each([[''], ['more']])('refuses the challenge %j', async (challenge) => {
    const driver = connect(new CertificateAuthProvider(), endpoint, mutualTls)
    await driver.start()
    expect(errorOf(await driver.challenge(Buffer.from(challenge))).code).toBe('UNEXPECTED_CHALLENGE')
  })

  test.each([
    ['a user name', ['cassandra', 'cassandra']],
    ['null', [null]],
    ['credentials', [{ credentials: { username: 'a', password: 'b' } }]],
    ['a deadline of nothing', [{ deadlineMs: 0 }]],
  ])('refuses %s', (_, args) => {
    const create = () => new (CertificateAuthProvider as new (...all: unknown[]) => object)(...args)
    expect(create).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })

  test('says of itself that it sends no password and that the server proves nothing to it', () => {
    expect(recordOf(new CertificateAuthProvider())).toMatchObject({
      provider: 'CertificateAuthProvider',
      mechanisms: ['EXTERNAL'],
      cleartext: false,
      mutual: false,
    })
  })
})

describe('secureClientOptions with a login by certificate', () => {
  const authProvider = new CertificateAuthProvider()
  const base = { contactPoints: ['127.0.0.1'], localDataCenter: 'datacenter1' }
  const secureContext = createSecureContext({ ca: [] })
  const profile = (sendsClientCertificate: boolean) => ({
    secureContext,
    [Symbol.for('@x/tls:profile')]: {
      verifies: { chain: true },
      sendsClientCertificate,
      maxVersion: 'TLSv1.2',
    },
  })
  const check = (options: object) => () =>
    secureClientOptions({ ...base, authProvider, ...options } as ClientOptions)

  test.each([
    ['no TLS', {}],
    ['no certificate', { sslOptions: { ca: 'x' } }],
    ['a profile without one', { sslOptions: profile(false) }],
  ])('refuses %s', (_, options) => {
    expect(check(options)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })

  test.each([
    ['cert and key', { sslOptions: { cert: 'x', key: 'y' } }],
    ['pfx', { sslOptions: { pfx: 'x' } }],
    ['a context, whatever is in it', { sslOptions: { secureContext } }],
    ['a profile with one', { sslOptions: profile(true) }],
    ['a bundle, which has one', { cloud: { secureConnectBundle: 'x.zip' } }],
    [
      'a route to a password beside it',
      {
        sslOptions: { ...profile(false), rejectUnauthorized: true },
        authProvider: routeByAuthenticator([{ authenticator: /MutualTls/, provider: authProvider }], {
          otherwise: new auth.PlainTextAuthProvider('a', 'b'),
          allowDowngradeToCleartext: true,
        }),
      },
    ],
  ])('takes %s', (_, options) => {
    expect(check(options)).not.toThrow()
  })
})
