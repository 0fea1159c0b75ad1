import { inspect } from 'node:util'
import { explainTlsError } from '@x/tls-profiles'
import { Client, errors, types } from 'cassandra-driver'
import { AuthError, authError, isAuthError } from '../src/errors.js'
import { findAuthError } from '../src/find-auth-error.js'
import { connect, mechanismOf, oneMessage, providerOf } from './support/harness.js'

/** nodejs.org/api/tls.html, "X509 certificate error codes", and what Node calls all others. */
const x509Codes = `UNABLE_TO_GET_ISSUER_CERT UNABLE_TO_GET_CRL UNABLE_TO_DECRYPT_CERT_SIGNATURE
  UNABLE_TO_DECRYPT_CRL_SIGNATURE UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY CERT_SIGNATURE_FAILURE CRL_SIGNATURE_FAILURE
  CERT_NOT_YET_VALID CERT_HAS_EXPIRED CRL_NOT_YET_VALID CRL_HAS_EXPIRED ERROR_IN_CERT_NOT_BEFORE_FIELD
  ERROR_IN_CERT_NOT_AFTER_FIELD ERROR_IN_CRL_LAST_UPDATE_FIELD ERROR_IN_CRL_NEXT_UPDATE_FIELD OUT_OF_MEM
  DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN UNABLE_TO_GET_ISSUER_CERT_LOCALLY
  UNABLE_TO_VERIFY_LEAF_SIGNATURE CERT_CHAIN_TOO_LONG CERT_REVOKED INVALID_CA PATH_LENGTH_EXCEEDED INVALID_PURPOSE
  CERT_UNTRUSTED CERT_REJECTED HOSTNAME_MISMATCH UNSPECIFIED`.split(/\s+/)

function refusal(message = 'Provided username bob and/or password are incorrect'): Error {
  const inner = new errors.ResponseError(types.responseErrorCodes.badCredentials, message)
  return Object.assign(new errors.AuthenticationError(inner.message), { additionalInfo: inner })
}

const noHost = (innerErrors: Record<string, unknown>) => new errors.NoHostAvailableError(innerErrors as never)
const withCode = (code: string) => Object.assign(new Error(code), { code })

describe('findAuthError', () => {
  test("finds a provider's own error wherever the driver put it", () => {
    const ours = authError('SOURCE_TIMEOUT')
    expect(findAuthError(ours)).toBe(ours)
    expect(findAuthError(noHost({ '127.0.0.1:9042': ours }))).toBe(ours)
    expect(findAuthError(new Error('outer', { cause: noHost({ a: ours }) }))).toBe(ours)
    expect(findAuthError(new AggregateError([new Error('x'), ours]))).toBe(ours)
    expect(findAuthError(Object.assign(new Error('outer'), { innerError: ours }))).toBe(ours)
  })

  test('prefers the provider, then a refusal, then whatever comes first', () => {
    const ours = authError('SOURCE_FAILED')
    const reset = withCode('ECONNRESET')
    expect(findAuthError(noHost({ a: reset, b: refusal(), c: ours }))).toBe(ours)
    expect(findAuthError(noHost({ a: reset, b: refusal() }))?.code).toBe('LOGIN_REFUSED')
    expect(findAuthError(noHost({ a: reset, b: new errors.OperationTimedOutError('x') }))?.code).toBe(
      'CONNECTION_LOST',
    )
  })

  test('a refusal names the host, the reason of the server and the remedy', () => {
    const error = findAuthError(noHost({ '127.0.0.1:9042': refusal() }))
    expect(error).toMatchObject({ code: 'LOGIN_REFUSED', fault: 'credentials', endpoint: '127.0.0.1:9042' })
    expect(error?.message).toContain('The server reports: Provided username and/or password are incorrect.')
    expect(error?.cause).toBeInstanceOf(errors.AuthenticationError)
  })

  test.each([
    ['no provider', new errors.AuthenticationError('Authentication provider not set'), 'NO_PROVIDER'],
    [
      'no provider, newer text',
      new errors.AuthenticationError(
        'Host 127.0.0.1:9042 requires authentication, but no authenticator found in the options',
      ),
      'NO_PROVIDER',
    ],
    [
      'protocol v1',
      new errors.AuthenticationError('Only plain text authenticator providers allowed under protocol v1'),
      'PROTOCOL_V1_UNSUPPORTED',
    ],
    [
      'refusal in the answer to STARTUP',
      new errors.ResponseError(256, 'identity not authorized'),
      'LOGIN_REFUSED',
    ],
    ['server error', new errors.ResponseError(0x1001, 'overloaded'), 'SERVER_ERROR'],
    ['no such host', withCode('ENOTFOUND'), 'HOST_UNRESOLVED'],
    ['unexpected answer', new errors.DriverInternalError('Unexpected response'), 'SERVER_ERROR'],
    ['read time-out', new errors.OperationTimedOutError('The host did not reply'), 'READ_TIMEOUT'],
    ['reset', withCode('ECONNRESET'), 'CONNECTION_LOST'],
    ['refused', withCode('ECONNREFUSED'), 'CONNECTION_LOST'],
    ['system time-out', withCode('ETIMEDOUT'), 'CONNECT_TIMEOUT'],
    ['name mismatch', withCode('ERR_TLS_CERT_ALTNAME_INVALID'), 'NAME_MISMATCH'],
    ['unknown CA', withCode('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'UNKNOWN_CA'],
    ['self-signed', withCode('DEPTH_ZERO_SELF_SIGNED_CERT'), 'SELF_SIGNED'],
    ['plain text behind TLS', withCode('ERR_SSL_WRONG_VERSION_NUMBER'), 'SERVER_SPEAKS_PLAIN_TEXT'],
    ['a reason without a row', withCode('ERR_TLS_HANDSHAKE_TIMEOUT'), 'HANDSHAKE_FAILED'],
  ])('%s', (_, error, code) => {
    expect(findAuthError(noHost({ '127.0.0.1:9042': error }))).toMatchObject({
      code,
      endpoint: '127.0.0.1:9042',
      cause: error,
    })
  })

  test.each([
    [
      "Certificate identity 'spiffe://test.example/app' not authorized",
      'CERTIFICATE_IDENTITY_REFUSED',
      { identity: 'spiffe://test.example/app' },
    ],
    ['Unable to extract Spiffe from the certificate', 'CERTIFICATE_WITHOUT_IDENTITY', {}],
    [
      'Unable to extract client identity from certificate for authentication',
      'CERTIFICATE_WITHOUT_IDENTITY',
      {},
    ],
    ['No certificate present on connection', 'CLIENT_CERTIFICATE_REQUIRED', {}],
    ['Invalid or not supported certificate', 'CLIENT_CERTIFICATE_REFUSED', {}],
    [
      'The validity period of the provided certificate (825 days) exceeds the maximum allowed validity period of 90 days',
      'CLIENT_CERTIFICATE_REFUSED',
      {},
    ],
  ])('a certificate is refused, in the login and at STARTUP: %s', (message, code, details) => {
    const early = new errors.ResponseError(256, message)
    const asked = Object.assign(new errors.AuthenticationError(message), { additionalInfo: early })
    for (const error of [early, asked]) {
      const found = findAuthError(noHost({ a: withCode('ECONNRESET'), '127.0.0.1:9042': error }))
      expect(found).toMatchObject({ code, endpoint: '127.0.0.1:9042', details, cause: error })
      expect(found?.message).toContain(`The server reports: ${message}.`)
    }
  })

  test('an empty message, which a login by certificate sends, where a password is wanted', () => {
    const inner = new errors.ResponseError(256, 'Password must not be null')
    const error = Object.assign(new errors.AuthenticationError(inner.message), { additionalInfo: inner })
    expect(findAuthError(error)).toMatchObject({
      code: 'LOGIN_REFUSED',
      message: expect.stringContaining('no client certificate'),
    })
  })

  test.each([
    ['nothing', undefined],
    ['a text', 'hello'],
    ['an error of something else', new TypeError('x is not a function')],
    ['a query error', new errors.ArgumentError('x')],
    ['no host at all', noHost({})],
    [
      'a statement for which too few nodes are up',
      new errors.ResponseError(0x1000, 'Cannot achieve consistency level QUORUM'),
    ],
    [
      'a statement that timed out',
      new errors.ResponseError(0x1200, 'Operation timed out - received only 0 responses.'),
    ],
    ['a statement with a fault', new errors.ResponseError(0x2000, 'line 1:0 no viable alternative')],
  ])('%s has nothing to do with a login', (_, error) => {
    expect(findAuthError(error)).toBeUndefined()
  })

  test.each([
    ['Unable to perform authentication: Cannot achieve consistency level QUORUM', 'QUORUM'],
    [
      'org.apache.cassandra.exceptions.UnavailableException: Cannot achieve consistency level LOCAL_ONE',
      'LOCAL_ONE',
    ],
    ['Cannot achieve consistency level for cl QUORUM. Requires 2, alive 1', 'QUORUM'],
    ['Unable to perform authentication: Operation timed out - received only 0 responses.', undefined],
    ['Operation timed out for system_auth.roles - received only 0 responses from 1 CL=ONE.', undefined],
    ['Unable to perform authentication: Operation failed - received 0 responses and 1 failures', undefined],
  ])('an outage of the cluster is not a wrong password: %s', (message, consistency) => {
    const found = findAuthError(noHost({ 'a:1': withCode('ECONNRESET'), 'b:1': refusal(message) }))
    expect(found).toMatchObject({ code: 'AUTHENTICATION_UNAVAILABLE', fault: 'peer', endpoint: 'b:1' })
    expect(found?.details['consistency']).toBe(consistency)
    expect(found?.remedy).toContain('system_auth')
  })

  describe('what a server says may be an echo of the secret', () => {
    const secret = 'hunter2-hunter2'
    const bytes = Buffer.from(secret)
    const forms = [
      secret,
      secret.slice(0, 9),
      secret.toUpperCase(),
      bytes.toString('base64'),
      bytes.toString('hex'),
      '%68%75%6e%74%65%72%32',
    ]
    const wordings = [
      (echo: string) => echo,
      (echo: string) => `Provided username ${echo} and/or password are incorrect`,
      (echo: string) => `Certificate identity '${echo}' not authorized`,
      (echo: string) => `Unable to perform authentication: Cannot achieve consistency level ${echo}`,
      (echo: string) => `${echo} is not permitted to log in`,
      (echo: string) => `Unsupported SASL mechanism: ${echo}`,
      (echo: string) =>
        `The validity period of the provided certificate (${echo}) exceeds the maximum allowed validity period of 1 day`,
    ]
    const cases = wordings.flatMap((wording) => forms.map((echo) => [wording(echo), echo] as const))

    test.each(cases)('%s', (message, echo) => {
      const inner = new errors.ResponseError(0x0000, message)
      const internal = new errors.DriverInternalError(`Unexpected response from Cassandra: ${message}`)
      for (const error of [refusal(message), inner, internal]) {
        const found = findAuthError(noHost({ 'a:1': error }))
        expect(found?.cause).toBe(error)
        expect(`${found?.message} ${JSON.stringify(found)} ${inspect(found)}`).not.toContain(echo)
      }
    })
  })

  test.each([
    ['spiffe://HUNTER2.example/x'],
    [`spiffe://${'x'.repeat(256)}/hunter2`],
    ['spiffe://test.example/hunter2%20'],
    ['spiffe://test.example/hunter2?x'],
    [`spiffe://test.example${'/hunter2'.repeat(17)}`],
  ])('what has not the form of a SPIFFE ID, or is too long for one, is not repeated: %s', (identity) => {
    const found = findAuthError(
      noHost({ 'a:1': refusal(`Certificate identity '${identity}' not authorized`) }),
    )
    expect(found).toMatchObject({ code: 'CERTIFICATE_IDENTITY_REFUSED', details: {} })
    expect(inspect(found)).not.toMatch(/hunter2/i)
  })

  test('an error of the server is named by its code', () => {
    const found = findAuthError(noHost({ 'a:1': new errors.ResponseError(0x1001, 'I cannot take hunter2') }))
    expect(found).toMatchObject({ code: 'SERVER_ERROR', details: { error: '0x1001' } })
    expect(found?.message).toContain('0x1001 (overloaded)')
    const old = new errors.ResponseError(
      0x000a,
      'Invalid or unsupported protocol version (66); supported: 3/v3',
    )
    expect(findAuthError(old)).toMatchObject({ details: { error: '0x000a', version: '66' } })
  })

  test.each(x509Codes)('a chain that OpenSSL does not verify: %s', (code) => {
    const error = noHost({ 'a:1': withCode(code) })
    const explained = explainTlsError(error)
    expect(findAuthError(error)).toMatchObject({
      code: explained?.code,
      fault: explained?.fault,
      remedy: explained?.remedy,
      endpoint: 'a:1',
      details: { code },
    })
    expect(explained?.code).toMatch(code === 'OUT_OF_MEM' ? /^HANDSHAKE_FAILED$/ : /^(?!HANDSHAKE_FAILED)/)
  })

  test.each([
    ['CERT_HAS_EXPIRED', true],
    ['CERT_NOT_YET_VALID', true],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', true],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', true],
    ['CERT_REVOKED', false],
  ])('who can name the certificate of %s', (code, asks) => {
    expect(findAuthError(withCode(code))?.message.includes('examineTlsError(error, sslOptions)')).toBe(asks)
  })

  describe('a refusal, where the mechanism knows more of it', () => {
    const explaining = (explainRefusal: (refused: AuthError) => unknown) =>
      providerOf({ mechanism: mechanismOf(oneMessage.converse as never, { explainRefusal }) }).provider
    const own = (refused: AuthError) =>
      new AuthError(
        'CLOCK_SKEW',
        { fault: 'config', summary: 'The clock.', remedy: 'Set it.' },
        undefined,
        refused,
      )
    const codeAt = (at: string) => findAuthError(noHost({ [at]: refusal() }))?.code

    test('of the server that it logged in to last', async () => {
      await connect(explaining(own), 'a:1').start()
      expect(findAuthError(noHost({ 'a:1': refusal() }))).toMatchObject({
        code: 'CLOCK_SKEW',
        endpoint: 'a:1',
        remedy: 'Set it.',
      })
      expect(codeAt('b:1')).toBe('LOGIN_REFUSED')
      await connect(providerOf().provider, 'a:1').start()
      expect(codeAt('a:1')).toBe('LOGIN_REFUSED')
    })

    test('before what another server did', async () => {
      await connect(explaining(own), 'b:1').start()
      expect(findAuthError(noHost({ 'a:1': withCode('ECONNRESET'), 'b:1': refusal() }))?.code).toBe(
        'CLOCK_SKEW',
      )
    })

    test('another failure of that server is what it is', async () => {
      await connect(explaining(own), 'a:1').start()
      expect(findAuthError(noHost({ 'a:1': withCode('ECONNRESET') }))?.code).toBe('CONNECTION_LOST')
    })

    test.each<[string, (refused: AuthError) => unknown]>([
      ['knows nothing', () => undefined],
      ['answers nonsense', () => 'nonsense'],
      [
        'throws',
        () => {
          throw new Error('x')
        },
      ],
    ])('one that %s changes nothing', async (_, explain) => {
      await connect(explaining(explain), 'a:1').start()
      expect(codeAt('a:1')).toBe('LOGIN_REFUSED')
    })
  })

  test('an error of a TLS profile is not hidden behind its cause', () => {
    class TlsError extends Error {
      readonly code = 'NAME_MISMATCH'
      readonly fault = 'unverified'
      readonly remedy = 'Set hostname.'
    }
    Object.defineProperty(TlsError.prototype, Symbol.for('@x/tls:error'), { value: true })
    const tls = new TlsError('The certificate is for b. Set hostname.', {
      cause: withCode('ERR_TLS_CERT_ALTNAME_INVALID'),
    })
    const found = findAuthError(noHost({ 'a:1': withCode('ECONNRESET'), 'b:1': tls }))
    expect(found).toMatchObject({
      code: 'NAME_MISMATCH',
      fault: 'unverified',
      remedy: 'Set hostname.',
      endpoint: 'b:1',
      cause: tls,
      message: 'The certificate is for b. Set hostname.',
    })
    expect(isAuthError(found)).toBe(true)
  })

  test.each([
    ['of mongoose, yup', { errors: { name: new Error('x') } }],
    ['with a text', { errors: 'x', innerErrors: 'y' }],
    ['with a list of hosts', { innerErrors: [withCode('x')], errors: null }],
    ['with numbers', { errors: 7, innerErrors: 7, message: 7, code: 7, name: 7 }],
    ['with nothing', { errors: null, innerErrors: null, cause: null, message: undefined, name: null }],
  ])('an error of any shape is looked at without a throw: %s', (_, own) => {
    expect(findAuthError(Object.assign(new Error('x'), own))).toBeUndefined()
  })

  test('getters that throw are passed over', () => {
    const error = new Error('x')
    for (const name of ['errors', 'innerErrors', 'cause', 'innerError', 'code', 'name', 'message']) {
      Object.defineProperty(error, name, {
        get: () => {
          throw new Error('mine')
        },
      })
    }
    expect(findAuthError(error)).toBeUndefined()
    const hosts = Object.defineProperty({ b: withCode('ECONNRESET') }, 'a', {
      enumerable: true,
      get: () => {
        throw new Error('mine')
      },
    })
    expect(findAuthError(noHost(hosts))?.code).toBe('CONNECTION_LOST')
  })

  test("what the driver's own errors say of a host that does not exist", async () => {
    const client = new Client({ contactPoints: ['host.invalid'], localDataCenter: 'a' })
    const error = await client.connect().catch((thrown: unknown) => thrown)
    await client.shutdown()
    expect(findAuthError(error)).toMatchObject({ code: 'HOST_UNRESOLVED', fault: 'config' })
  })

  test('a circle of causes ends', () => {
    const first = new Error('first')
    first.cause = new Error('second', { cause: first })
    expect(findAuthError(first)).toBeUndefined()
  })
})
