/**
 * Which authenticators are meant: a class name, in full (`org.apache.cassandra.auth.PasswordAuthenticator`) or only
 * its last part (`PasswordAuthenticator`), a RegExp, or a function of the full name.
 */
export type AuthenticatorPattern = string | RegExp | ((authenticator: string) => boolean)

/** Whether the class name that the server sent is one that `pattern` means. */
export function matchesAuthenticator(pattern: AuthenticatorPattern, authenticator: string): boolean {
  if (typeof pattern === 'function') return pattern(authenticator) === true
  if (typeof pattern === 'string') return authenticator === pattern || simpleName(authenticator) === pattern
  // Not test(): it remembers a position when the expression is global or sticky.
  return authenticator.search(pattern) !== -1
}

/**
 * Whether `earlier` matches every class name that `later` matches, as far as patterns tell. A function is asked only
 * about what a server sends.
 */
export function takesAllOf(earlier: AuthenticatorPattern, later: AuthenticatorPattern): boolean {
  if (earlier === later) return true
  if (earlier instanceof RegExp && later instanceof RegExp) return String(earlier) === String(later)
  if (typeof later !== 'string' || typeof earlier === 'function') return false
  // A short name stands for the end of many class names, and a RegExp sees the whole of each.
  const canTell = typeof earlier === 'string' || later.includes('.')
  return canTell && matchesAuthenticator(earlier, later)
}

function simpleName(className: string): string {
  return className.slice(className.lastIndexOf('.') + 1)
}
