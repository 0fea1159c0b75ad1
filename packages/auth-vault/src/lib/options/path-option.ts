import { type Option, some } from '@x/auth-core/base'

/** A path of Vault's API, or a part of one, without a slash at its ends. */
export function pathOption(what: string): Option<string, undefined> {
  return {
    ...some<string>(`${what}, without a slash at its ends`, () => false),
    take: (value) => (isPath(value) ? (value as string) : undefined),
  }
}

function isPath(value: unknown): boolean {
  if (typeof value !== 'string') return false
  const parts = value.split('/')
  // Each part is written into a URL unchanged: RFC 3986 §3.3, without percent-encoding.
  return parts.every((part) => part !== '.' && part !== '..' && /^[\w.~:@!$&'()*+,;=-]+$/.test(part))
}
