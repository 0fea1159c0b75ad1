import type { AuthErrorCode } from './errors.js'

/** What a server says, if its words are known: in our own words, so that nothing else from the server is repeated. */
export interface KnownReport {
  readonly says: string
  readonly code: AuthErrorCode
  /** What the words are about, by name, if that cannot be a secret. */
  readonly details: Readonly<Record<string, string>>
}

type Groups = Readonly<Record<string, string>>

interface Row {
  readonly words: RegExp
  /** With groups of `words` only if they are of a closed set, or never secret. */
  readonly says: string | ((groups: Groups) => string)
  /** Default LOGIN_REFUSED. */
  readonly code?: AuthErrorCode
}

/** Cassandra wraps the words of a failed query, once or twice. */
const wrapped =
  /^(?:Unable to perform authentication: |(?:[a-z]\w*\.)+[A-Z]\w*Exception: |authentication failed: )+/

/** CQL: the names of consistency levels. */
const consistency = '(?:ANY|ONE|TWO|THREE|ALL|(?:LOCAL_|EACH_)?QUORUM|LOCAL_ONE|(?:LOCAL_)?SERIAL|NODE_LOCAL)'

const unavailable = 'AUTHENTICATION_UNAVAILABLE'

/**
 * The words of Cassandra 2 to 6, DSE and ScyllaDB, from their sources. They only choose a code and its remedy, and
 * never decide whether something is allowed: any server may send them.
 */
const rows: readonly Row[] = [
  {
    words: /^(?:Provided username .* and\/or password are|Username and\/or password are) incorrect$/s,
    says: 'Provided username and/or password are incorrect',
  },
  { words: /^Failed to login\. Please re-try\.$/, says: 'Failed to login. Please re-try' },
  {
    words: /^Password must not be null$/,
    // PasswordAuthenticator, to the empty message of a login by certificate.
    says: 'Password must not be null. It wants a password here, perhaps because it saw no client certificate',
  },
  { words: /^Authentication ID must not be null$/, says: 'Authentication ID must not be null' },
  { words: /^.* is not permitted to log in$/s, says: 'The role is not permitted to log in' },
  { words: /^(?:Role|User) .* (?:doesn't|does not) exist/s, says: 'The role does not exist' },
  { words: /^Unsupported SASL mechanism: .*$/s, says: 'Unsupported SASL mechanism' },
  { words: /^SASL negotiation not complete$/, says: 'SASL negotiation not complete' },
  { words: /^Could not verify password$/, says: 'Could not verify password' },
  { words: /^You do not have access to this datacenter/, says: 'The role has no access to this data center' },
  { words: /^You do not have access from this IP/, says: 'The role has no access from this address' },
  {
    words: new RegExp(`^Cannot achieve consistency level(?: for cl)? (?<consistency>${consistency})\\b`),
    says: ({ consistency }) => `Cannot achieve consistency level ${consistency}`,
    code: unavailable,
  },
  { words: /^Cannot achieve consistency level/, says: 'Cannot achieve consistency level', code: unavailable },
  { words: /^Operation timed out\b/, says: 'Operation timed out', code: unavailable },
  { words: /^Operation failed\b/, says: 'Operation failed', code: unavailable },
  {
    // An identity is public, and what has the form of one (SPIFFE-ID §2) stands in a certificate that is shown to anyone who asks.
    words:
      /^Certificate identity '(?<identity>spiffe:\/\/[a-z0-9._-]{1,255}(?:\/[\w.-]{1,255}){0,16})' not authorized$/,
    says: ({ identity }) => `Certificate identity '${identity}' not authorized`,
    code: 'CERTIFICATE_IDENTITY_REFUSED',
  },
  {
    words: /^Certificate identity '.*' not authorized$/s,
    says: 'Certificate identity not authorized. It is no SPIFFE ID: `cause` has it',
    code: 'CERTIFICATE_IDENTITY_REFUSED',
  },
  {
    words:
      /^Unable to extract (?<what>Spiffe from the certificate|client identity from certificate for authentication)/,
    says: ({ what }) => `Unable to extract ${what}`,
    code: 'CERTIFICATE_WITHOUT_IDENTITY',
  },
  {
    words: /^No certificate present on connection$/,
    says: 'No certificate present on connection',
    code: 'CLIENT_CERTIFICATE_REQUIRED',
  },
  {
    words: /^Invalid or not supported certificate$/,
    says: 'Invalid or not supported certificate',
    code: 'CLIENT_CERTIFICATE_REFUSED',
  },
  {
    words:
      /^The validity period of the provided certificate \((?<valid>\d{1,6} (?:day|hour|minute|second)s?)\) exceeds the maximum allowed validity period of (?<max>\d{1,6} (?:day|hour|minute|second)s?)/,
    says: ({ valid, max }) =>
      `The validity period of the provided certificate (${valid}) exceeds the maximum allowed validity period of ${max}`,
    code: 'CLIENT_CERTIFICATE_REFUSED',
  },
  {
    words: /^The validity period of the provided certificate /,
    says: 'The validity period of the provided certificate is not what the server allows',
    code: 'CLIENT_CERTIFICATE_REFUSED',
  },
  {
    words: /^Invalid or unsupported protocol version \((?<version>\d{1,3})\)/,
    says: ({ version }) => `Invalid or unsupported protocol version (${version})`,
    code: 'SERVER_ERROR',
  },
  {
    words: /^java\.lang\.NullPointerException/,
    says: 'java.lang.NullPointerException',
    code: 'SERVER_ERROR',
  },
]

/** Codes of what a server says about a login, with those of `rows`. */
export const refusalCodes: ReadonlySet<string> = new Set([
  'LOGIN_REFUSED',
  ...rows.flatMap(({ code }) => (code && code !== 'SERVER_ERROR' ? [code] : [])),
])

/** Longer than any of these words. */
const maxLength = 4_000

/** What is known about a server's words; undefined for all others. */
export function knownReport(text: unknown): KnownReport | undefined {
  if (typeof text !== 'string' || text.length > maxLength) return undefined
  const words = text.replace(wrapped, '')
  for (const row of rows) {
    const match = row.words.exec(words)
    if (!match) continue
    const { says, code = 'LOGIN_REFUSED' } = row
    const details = (match.groups ?? {}) as Groups
    return { says: typeof says === 'string' ? says : says(details), code, details }
  }
  return undefined
}

/**
 * The one rule for what a server said after it may have learned a secret of ours: known words are repeated in our own
 * words, all others are left out, since they may repeat the secret in any form. A sentence for a message.
 */
export function serverReport(text: unknown): string {
  const known = knownReport(text)
  return known
    ? `The server reports: ${known.says}.`
    : "The server's own text is left out because it may contain a secret; it is in `cause`."
}
