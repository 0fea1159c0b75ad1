import { quotable } from '@x/auth-core/base'

/** Longer than any text that helps. */
const maxLength = 300

/**
 * What may be repeated of another's text: its first line, without anything that is as long as a secret and looks like
 * one. STS quotes the request in what it says of a wrong signature, a failing process prints what it likes.
 */
function firstLine(text: string): string {
  const [line = ''] = text.trim().split(/[\r\n]/, 1)
  return quotable(line.replace(/[A-Za-z0-9+/=_-]{40,}/g, '…'), maxLength)
}

/** The same of an error of the AWS SDK or of Node; of an error that quotes its input only the kind. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return `it threw a value of type ${typeof error}`
  if (/syntax|parse/i.test(error.name)) return `an answer could not be parsed (${error.name})`
  const message = reasonOfText(error.message)
  // Errors of a service have a name that its documentation explains.
  return isServiceError(error) && !message.startsWith(error.name) ? `${error.name}: ${message}` : message
}

export function reasonOfText(text: string): string {
  // Node's text for a failed command: the command line, then all that it wrote to stderr.
  if (text.startsWith('Command failed')) {
    return 'credential_process failed (its command and output are left out, as they may contain secrets)'
  }
  if (/JSON|Unexpected token/.test(text) && !/returned invalid JSON/.test(text)) {
    return 'an answer could not be parsed'
  }
  return firstLine(text) || 'no reason was given'
}

export function isServiceError(error: Error): boolean {
  return '$fault' in error && '$metadata' in error
}
