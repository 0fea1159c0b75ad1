import { getSystemErrorMap } from 'node:util'
import { isError } from './is-error.js'
import { verificationCodes } from './tls-failures.js'
import { tried } from './tried.js'

/**
 * Names of classes that are printed. `name` and `code` of an error are text that its author sets, and a library that
 * parses a secret may put a piece of it there; so these are closed lists, and anything that is in none of them is left
 * out.
 */
const names = new Set([
  ...['Error', 'EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError'],
  ...['AggregateError', 'SuppressedError', 'SystemError', 'AuthError', 'TlsError'],
  // DOMException, as fetch and AbortSignal throw it.
  ...['AbortError', 'TimeoutError', 'NetworkError', 'InvalidStateError', 'NotSupportedError', 'DataError'],
  // The driver.
  ...['AuthenticationError', 'ArgumentError', 'DriverError', 'DriverInternalError', 'NoHostAvailableError'],
  ...['OperationTimedOutError', 'ResponseError', 'BusyConnectionError'],
  // Clients of HTTP.
  ...['AxiosError', 'FetchError', 'HTTPError', 'RequestError', 'ResponseStatusCodeError', 'SocketError'],
  ...['ConnectTimeoutError', 'HeadersTimeoutError', 'BodyTimeoutError', 'ClientError', 'ApiResponseError'],
  // The AWS SDK.
  ...['CredentialsProviderError', 'ProviderError', 'TokenProviderError', 'TimeoutError', 'ServiceException'],
  ...[
    'AccessDenied',
    'AccessDeniedException',
    'ExpiredToken',
    'ExpiredTokenException',
    'InternalServiceError',
  ],
  ...['DecryptionFailure', 'InvalidClientTokenId', 'InvalidParameterException', 'InvalidRequestException'],
  ...['InvalidSignatureException', 'LimitExceededException', 'ResourceNotFoundException', 'Throttling'],
  ...['SignatureDoesNotMatch', 'ThrottlingException', 'UnauthorizedException', 'UnrecognizedClientException'],
  // Parsers.
  ...[
    'YAMLException',
    'YAMLParseError',
    'YAMLError',
    'TomlError',
    'ZodError',
    'ValidationError',
    'ParseError',
  ],
])

/** Codes beside those of the system (`ENOENT`), of TLS and of the two below that are numbers. */
const codes = new Set([
  ...Object.keys(verificationCodes),
  // What Node.js calls all others.
  'UNSPECIFIED',
  // node:dns and getaddrinfo.
  ...['ENODATA', 'ESERVFAIL', 'EREFUSED', 'EFORMERR', 'ENOTIMP', 'ECANCELLED', 'ETIMEOUT', 'EBADNAME'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NONAME', 'EAI_NODATA'],
  // Node.js.
  ...['ABORT_ERR', 'ERR_ABORTED', 'ERR_INVALID_ARG_TYPE', 'ERR_INVALID_ARG_VALUE', 'ERR_INVALID_URL'],
  ...['ERR_OUT_OF_RANGE', 'ERR_MISSING_ARGS', 'ERR_ASSERTION', 'ERR_ENCODING_INVALID_ENCODED_DATA'],
  ...['ERR_FS_FILE_TOO_LARGE', 'ERR_FS_EISDIR', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_PREMATURE_CLOSE'],
  ...[
    'ERR_SOCKET_CLOSED',
    'ERR_SOCKET_CONNECTION_TIMEOUT',
    'ERR_SOCKET_BAD_PORT',
    'ERR_HTTP_INVALID_HEADER_VALUE',
  ],
  ...['ERR_HTTP2_ERROR', 'ERR_UNESCAPED_CHARACTERS', 'ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'],
  ...['ERR_PACKAGE_PATH_NOT_EXPORTED', 'ERR_REQUIRE_ESM', 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER'],
  ...['ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_TLS_HANDSHAKE_TIMEOUT', 'ERR_TLS_INVALID_PROTOCOL_VERSION'],
  ...[
    'ERR_SSL_NO_CIPHER_MATCH',
    'ERR_SSL_INVALID_COMMAND',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'ERR_SSL_BAD_ECPOINT',
  ],
  ...[
    'ERR_OSSL_BAD_DECRYPT',
    'ERR_OSSL_EVP_BAD_DECRYPT',
    'ERR_OSSL_PEM_NO_START_LINE',
    'ERR_OSSL_UNSUPPORTED',
  ],
  // undici and axios.
  ...['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_SOCKET'],
  ...[
    'UND_ERR_ABORTED',
    'UND_ERR_RESPONSE_STATUS_CODE',
    'ERR_NETWORK',
    'ERR_BAD_REQUEST',
    'ERR_BAD_RESPONSE',
  ],
])

/** CQL native protocol v5 §9. */
const cqlCodes = new Set([
  ...[0x0000, 0x000a, 0x0100, 0x1000, 0x1001, 0x1002, 0x1003, 0x1100, 0x1200, 0x1300, 0x1400, 0x1500],
  ...[0x1600, 0x1700, 0x2000, 0x2100, 0x2200, 0x2300, 0x2400, 0x2500],
])

/** Class and code of an error, such as `Error ENOENT`: what can be said without its text. Never throws. */
export function kindOf(reason: unknown): string {
  if (!isError(reason)) return `a value of type ${typeof reason}`
  const name = tried(() => reason.name)
  const code = tried(() => (reason as { code?: unknown }).code)
  const known = [...(isKnownName(name) ? [name] : []), ...(isKnownCode(code) ? [String(code)] : [])]
  return known.length > 0 ? known.join(' ') : 'Error'
}

function isKnownName(name: unknown): name is string {
  return typeof name === 'string' && names.has(name)
}

function isKnownCode(code: unknown): boolean {
  if (typeof code === 'string') return codes.has(code) || isSystemCode(code)
  return Number.isInteger(code) && (isHttpStatus(code as number) || cqlCodes.has(code as number))
}

function isHttpStatus(code: number): boolean {
  return code >= 100 && code < 600
}

let systemCodes: ReadonlySet<string> | undefined

function isSystemCode(code: string): boolean {
  systemCodes ??= new Set([...getSystemErrorMap().values()].map(([name]) => name))
  return systemCodes.has(code)
}
