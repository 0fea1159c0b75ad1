/**
 * For authors of credential sources that ask a server by HTTP: where they may send a secret, what TLS they take, secret
 * texts as options, requests with a bound. No other entry of this package loads it.
 */
export { retryAfterMs } from './lib/http/answers.js'
export { connectionError, isLasting } from './lib/http/connection-error.js'
export { type ClientAddresses, reach } from './lib/http/reach.js'
export {
  type GivenText,
  isPath,
  readText,
  type TextInput,
  type TextReading,
  textInput,
} from './lib/http/text-input.js'
export { type Pause, pause, type Timeout, withTimeout } from './lib/http/timeout.js'
export { sendsCertificate, type VerifiedTls, verifiedTlsOption } from './lib/http/tls-option.js'
export {
  type HttpAnswer,
  type HttpRequest,
  type HttpTransport,
  httpTransport,
  type TransportParts,
} from './lib/http/transport.js'
