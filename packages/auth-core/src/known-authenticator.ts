import type { KnownAuthenticator } from './known-authenticators.js'

let byClassName: ReadonlyMap<string, KnownAuthenticator> | undefined

/** What is known about an authenticator by its class name: who makes it, what it accepts, what to use. Undefined for others. */
export function knownAuthenticator(className: string): KnownAuthenticator | undefined {
  byClassName ??= new Map(table().map((row) => [row.className, row]))
  return byClassName.get(className)
}

/** Loaded with the first login, not with the package. */
function table(): readonly KnownAuthenticator[] {
  const { knownAuthenticators } =
    require('./known-authenticators.js') as typeof import('./known-authenticators.js')
  return knownAuthenticators
}
