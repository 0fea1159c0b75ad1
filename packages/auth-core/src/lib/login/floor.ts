import { flag, initially } from '../options/option-spec.js'

/** The part of a mechanism, or of a provider's record, that the floor reads. */
interface Readable {
  /** Whether the secret crosses the wire readable. If it is not said, we assume that it does. */
  readonly cleartext?: boolean | undefined
  /** For a provider with several mechanisms: whether one of them keeps the secret off the wire. */
  readonly guarded?: boolean | undefined
}

/** What a login gives at least, from the least to the most: see `levelOf`. */
export const levels = ['cleartext', 'guarded', 'mutual'] as const

export type Level = (typeof levels)[number]

/**
 * What the logins of a provider give at least, by its record. `mutual`: the server always proves itself, and the secret
 * stays off the wire; `guarded`: the secret stays off the wire; `cleartext`: it may cross the wire readable. For a
 * provider of another library we assume the worst.
 */
export function levelOf(
  record: { readonly cleartext: boolean; readonly mutual: boolean } | undefined,
): Level {
  if (record?.cleartext !== false) return 'cleartext'
  return record.mutual ? 'mutual' : 'guarded'
}

/** The option that removes the floor, for everything that chooses among several. */
export const downgradeOption = initially(
  false,
  flag,
  'Without this limit, a server that claims to be PasswordAuthenticator gets the readable password, although the first mechanism of the list never sends it. Allow it for a cluster in migration, over TLS that verifies the server.',
)

/**
 * The floor of a choice: words from outside this machine (the class name of a server, the errors of a KDC) do not lead
 * past a mechanism that keeps the secret off the wire to one that sends it readable.
 */
export function isDowngrade(passed: readonly Readable[], chosen: Readable): boolean {
  return chosen.cleartext !== false && passed.some(isGuarded)
}

/**
 * Whether the secret stays off the wire, at least by one of several mechanisms. Whether the server proves itself is
 * another question: SCRAM does not show the password even if nobody checks the server's proof.
 */
export function isGuarded({ guarded, cleartext }: Readable): boolean {
  return guarded ?? cleartext === false
}
