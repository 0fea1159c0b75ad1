/**
 * Why there are no credentials, for a message. A service may repeat what it was sent, in any form: so a message has
 * only the name and status of a service's answer, and only the beginning of a text that wraps another one.
 */
import { isError, quotable } from '@x/auth-core/base'

/** An answer of a service of AWS that says no. */
export interface ServiceError extends Error {
  readonly $fault: unknown
  readonly $metadata: { readonly httpStatusCode?: number }
}

export function isServiceError(error: unknown): error is ServiceError {
  return isError(error) && '$fault' in error && '$metadata' in error
}

/** The name of a service's error, as its documentation has it: AccessDenied, ExpiredToken … */
export function nameOf({ name }: ServiceError): string {
  return /^[A-Za-z]{3,60}$/.test(name) ? name : 'an error without a name'
}

export function reasonOf(error: unknown): string {
  if (!isError(error)) return `it threw a value of type ${typeof error}`
  if (isServiceError(error))
    return `${nameOf(error)} (HTTP status ${error.$metadata.httpStatusCode ?? 'unknown'})`
  return systemReason(error) ?? reasonOfText(error.message)
}

/** Of Node: what failed, where. */
function systemReason(error: Error): string | undefined {
  const { code, syscall, path, address, port } = error as NodeJS.ErrnoException & {
    readonly address?: unknown
    readonly port?: unknown
  }
  if (typeof code !== 'string' || !/^E[A-Z0-9]{2,20}$/.test(code)) return undefined
  const where = path ?? (address === undefined ? undefined : `${address}:${port}`)
  return [code, syscall, where]
    .filter((part) => typeof part === 'string')
    .map((part) => quotable(part))
    .join(' ')
}

/** Texts of the SDK: its own are repeated, those from elsewhere are not. */
export function reasonOfText(text: string): string {
  const [line = ''] = text.trim().split(/[\r\n]/, 1)
  // Node's text for a failed command: the command line, then all that it wrote to stderr.
  if (line.startsWith('Command failed')) {
    return 'credential_process failed (its command and output are left out because they may contain secrets)'
  }
  const [, name, rest = ''] = /^(\w+): (.*)$/.exec(line) ?? []
  if (name && /(?:Error|Exception)$/.test(name)) return wrapped(name, rest)
  // What the parser of JSON quotes is its input.
  if (/JSON|Unexpected token/.test(line) && !/ credential_process returned invalid JSON\.$/.test(line)) {
    return 'an answer could not be parsed'
  }
  return quotable(line.replace(/[A-Za-z0-9+/=_-]{40,}/g, '…'), 300) || 'no reason was given'
}

/** `String(error)`, as the SDK puts some errors into its own: of those of the network it is Node's text. */
function wrapped(name: string, rest: string): string {
  const network = /^(?:connect|read|write|getaddrinfo) E[A-Z]{2,20}(?: [\w.:-]{1,200})?$/.exec(rest)?.[0]
  return network ? `${name}: ${network}` : name
}
