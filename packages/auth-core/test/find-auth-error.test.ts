import { errors, types } from 'cassandra-driver'
import { authError } from '../src/errors.js'
import { findAuthError } from '../src/find-auth-error.js'

function refusal(): Error {
  const inner = new errors.ResponseError(
    types.responseErrorCodes.badCredentials,
    'Provided username bob and/or password are incorrect',
  )
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
    expect(error?.message).toContain('Provided username bob')
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
    ['unexpected answer', new errors.DriverInternalError('Unexpected response'), 'SERVER_ERROR'],
    ['read time-out', new errors.OperationTimedOutError('The host did not reply'), 'READ_TIMEOUT'],
    ['reset', withCode('ECONNRESET'), 'CONNECTION_LOST'],
    ['refused', withCode('ECONNREFUSED'), 'CONNECTION_LOST'],
    ['system time-out', withCode('ETIMEDOUT'), 'CONNECT_TIMEOUT'],
    ['name mismatch', withCode('ERR_TLS_CERT_ALTNAME_INVALID'), 'TLS_FAILED'],
    ['unknown CA', withCode('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'TLS_FAILED'],
    ['self-signed', withCode('DEPTH_ZERO_SELF_SIGNED_CERT'), 'TLS_FAILED'],
    ['plain text behind TLS', withCode('ERR_SSL_WRONG_VERSION_NUMBER'), 'TLS_FAILED'],
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
    ['Certificate of my own authenticator not authorized', 'LOGIN_REFUSED', {}],
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
  ])('%s has nothing to do with a login', (_, error) => {
    expect(findAuthError(error)).toBeUndefined()
  })

  test('a circle of causes ends', () => {
    const first = new Error('first')
    first.cause = new Error('second', { cause: first })
    expect(findAuthError(first)).toBeUndefined()
  })
})
