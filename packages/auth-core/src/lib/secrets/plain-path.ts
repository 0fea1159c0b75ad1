/** Longer than a name that people give to files, as keys and tokens in Base64 are. */
const maxNameLength = 64
const maxLength = 512

/** The characters of a path. White space, quotes, `=` and the like are missing, because secrets have them. */
const harmless = /^[\p{L}\p{N}._@+~:/\\-]+$/u
const absolute = /^(\/|~\/|\.{1,2}[\\/]|[A-Za-z]:[\\/]|\\\\)/
const withExtension = /\.(json|env|txt|conf|cfg|ini|properties|secrets?|key|pem|crt|password|token)$/

/**
 * Whether a text is plainly a path, so that a message may quote it. If a user gives a password instead of a path, it
 * must not be in the log.
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
