import { authError, refusedByServer, type ServerToken } from '@x/auth-core/base'
import { saslError } from '../../errors.js'
import { messageText, quotable } from '../bytes.js'

/** The iteration counts that a client accepts. */
export interface IterationLimits {
  readonly minIterations: number
  readonly maxIterations: number
}

export interface ServerFirstMessage {
  /** As received: the exchange is computed over it. */
  readonly text: string
  readonly nonce: string
  /** Base64. */
  readonly salt: string
  readonly iterations: number
}

/** RFC 5802 §7: printable is ASCII without the comma, which ends an attribute here anyway. */
const printable = /^[\x21-\x7e]+$/

/** RFC 5802 §7: base64, whose alphabet and padding Node does not check. */
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Nonces and salts have 16 to 64 bytes. */
const maxLength = 1_024

/** RFC 5802 §7: posit-number has no sign, no leading zero, no point. */
const positNumber = /^[1-9][0-9]*$/

/** RFC 5802 §7: an extension is any attribute with a value … */
const extension = /^[A-Za-z]=[^\0]+$/

/** … that the document does not define: those have their places. */
const definedAttributes = 'aceimnprsv'

/** RFC 5802 §7: server-error-value of a login that is refused for what the client claimed. */
const refusals = ['invalid-proof', 'unknown-user']

/**
 * server-first-message: `[m=…,] r=nonce, s=salt, i=iterations [, extensions]`, in this order.
 * Throws CHALLENGE_INVALID, SCRAM_EXTENSION_REQUIRED, SCRAM_NONCE_INVALID, SCRAM_ITERATIONS_OUT_OF_RANGE, and for an
 * error of the server LOGIN_REFUSED or SCRAM_SERVER_ERROR.
 */
export function parseServerFirst(
  token: ServerToken,
  clientNonce: string,
  limits: IterationLimits,
): ServerFirstMessage {
  const text = messageText(token)
  if (text.startsWith('e=')) throw serverError(text)
  const [first, second, third, ...extensions] = text.split(',')
  // RFC 5802 §5.1: m= is for extensions that must be understood, and comes first; we understand none.
  if (text.startsWith('m=')) throw saslError('SCRAM_EXTENSION_REQUIRED')
  const nonce = parseNonce(attributeValue('r', first), clientNonce)
  const salt = parseSalt(attributeValue('s', second))
  const iterations = parseIterations(attributeValue('i', third), limits)
  checkExtensions(extensions)
  return { text, nonce, salt, iterations }
}

/**
 * server-final-message: `v=signature` or `e=error`, then extensions. Returns the bytes of the signature's base64, or null where
 * the server sent none. Throws CHALLENGE_INVALID, SCRAM_EXTENSION_REQUIRED, LOGIN_REFUSED, SCRAM_SERVER_ERROR.
 */
export function parseServerFinal(token: ServerToken): Buffer | null {
  if (token === null || token.length === 0) return null
  const text = messageText(token)
  if (text.startsWith('e=')) throw serverError(text)
  const [first, ...extensions] = text.split(',')
  const signature = attributeValue('v', first)
  checkExtensions(extensions)
  return Buffer.from(signature)
}

function attributeValue(attribute: string, part: string | undefined): string {
  if (part?.startsWith(`${attribute}=`)) return part.slice(2)
  throw invalid(`The attribute ${attribute}= is missing.`)
}

/** RFC 5802 §5.1: the nonce starts with the client's, and the server must have added to it. */
function parseNonce(nonce: string, clientNonce: string): string {
  if (nonce.length > maxLength || !printable.test(nonce))
    throw invalid('The nonce is too long, or not printable ASCII.')
  if (!nonce.startsWith(clientNonce)) throw saslError('SCRAM_NONCE_INVALID')
  if (nonce.length > clientNonce.length) return nonce
  throw saslError('SCRAM_NONCE_INVALID', 'The server added nothing to our nonce, so its part is not fresh.')
}

function parseSalt(value: string): string {
  if (value === '' || value.length > maxLength || !base64.test(value)) {
    throw invalid('The salt is empty, too long or not base64.')
  }
  return value
}

/**
 * RFC 5802 §5.1 and RFC 7677 §4: at least 4 096. A greater number than a Number can hold exactly is compared as the nearest
 * one, which is as far beyond any limit.
 */
function parseIterations(value: string, { minIterations, maxIterations }: IterationLimits): number {
  if (!positNumber.test(value)) throw invalid('The iteration count is not a positive whole number.')
  const iterations = Number(value)
  if (iterations >= minIterations && iterations <= maxIterations) return iterations
  throw saslError(
    'SCRAM_ITERATIONS_OUT_OF_RANGE',
    `The server asks for ${quotable(value, 20)} iterations; from ${minIterations} to ${maxIterations} are allowed.`,
    { details: { iterations: quotable(value, 20), min: `${minIterations}`, max: `${maxIterations}` } },
  )
}

/** RFC 5802 §7: unknown attributes must be ignored; a known one here would be there a second time. */
function checkExtensions(extensions: readonly string[]): void {
  for (const part of extensions) {
    if (!extension.test(part)) throw invalid('The text after the known attributes is not an attribute.')
    if (part.startsWith('m=')) throw saslError('SCRAM_EXTENSION_REQUIRED')
    if (definedAttributes.includes(part.charAt(0)))
      throw invalid(`The attribute ${part.charAt(0)}= is out of place.`)
  }
}

function serverError(text: string) {
  const [error] = text.slice(2).split(',') as [string]
  const details = { serverError: quotable(error) }
  const problem = `The server answered: ${details.serverError || 'an error without a name'}.`
  if (refusals.includes(error)) return refusedByServer(authError('LOGIN_REFUSED', problem, { details }))
  return saslError('SCRAM_SERVER_ERROR', problem, { details })
}

function invalid(problem: string) {
  return authError('CHALLENGE_INVALID', problem)
}
