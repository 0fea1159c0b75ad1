import { authError } from '@x/auth-core/base'

/**
 * Texts here are byte strings: one character for each byte, as 'latin1' gives them. What a byte means depends on the
 * charset directive, and what is sent back must be the same bytes.
 */
export type ByteString = string

/** RFC 2831 §7.1: token, quoted-string with \-escapes; #rule: commas with linear white space, also empty elements. */
const directive =
  /[ \t\r\n,]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t\r\n]*=[ \t\r\n]*(?:"((?:[^"\\]|\\[\s\S])*)"|([^\0- \x7f()<>@,;:\\"/[\]?={}]+))[ \t\r\n]*(?=,|$)/y

/** The directives of a challenge: name in lower case → the values, in order. Throws CHALLENGE_INVALID. */
export function parseDirectives(text: ByteString): ReadonlyMap<string, readonly ByteString[]> {
  const found = new Map<string, ByteString[]>()
  directive.lastIndex = 0
  let end = 0
  for (let match = directive.exec(text); match; match = directive.exec(text)) {
    const [, name, quoted, token] = match as unknown as [string, string, string | undefined, string]
    const values = found.get(name.toLowerCase()) ?? []
    found.set(name.toLowerCase(), [...values, quoted?.replace(/\\([\s\S])/g, '$1') ?? token])
    end = directive.lastIndex
  }
  if (/[^ \t\r\n,]/.test(text.slice(end))) {
    throw authError('CHALLENGE_INVALID', "The server's message is not a list of directives.")
  }
  return found
}

/** The one value of a directive, or undefined. Throws CHALLENGE_INVALID where it stands more than once. */
export function single(
  directives: ReadonlyMap<string, readonly ByteString[]>,
  name: string,
): ByteString | undefined {
  const values = directives.get(name) ?? []
  if (values.length > 1)
    throw authError('CHALLENGE_INVALID', `The directive ${name} is there more than once.`)
  return values[0]
}

/** RFC 2831 §7.1: quoted-string. */
export function quoted(value: ByteString): ByteString {
  return `"${value.replace(/["\\]/g, '\\$&')}"`
}
