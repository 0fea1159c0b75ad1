/** Longer than a name that people give to files, as keys and tokens in Base64 are. */
const maxNameLength = 64
const maxLength = 512

/** What is on the way to a file, and in no text of a secret: white space, quotes, `=` and the like are missing. */
const harmless = /^[\p{L}\p{N}._@+~:/\\-]+$/u
const absolute = /^(\/|~\/|\.{1,2}[\\/]|[A-Za-z]:[\\/]|\\\\)/
const withExtension = /\.(json|env|txt|conf|cfg|ini|properties|secrets?|key|pem|crt|password|token)$/

/**
 * Whether a text is plainly a path, so that a message may quote it. Anyone who gives a password where a path is meant must not
 * find it in the log.
 */
export function isPlainPath(text: string): boolean {
  if (text.length > maxLength || !harmless.test(text)) return false
  if (!absolute.test(text) && !hasExtension(text)) return false
  return text.split(/[\\/]/).every((name) => name.length <= maxNameLength)
}

/** Whether it ends as files with secrets do. */
export function hasExtension(text: string): boolean {
  return withExtension.test(text)
}
