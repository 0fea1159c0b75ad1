import { AuthError, authError } from '../errors.js'
import { knownAuthenticator } from '../known-authenticator.js'
import type { KnownAuthenticator } from '../known-authenticators.js'
import { problemOf } from './adopt-error.js'

/**
 * Mechanisms whose names say what they send. Of one with another name we do not know whether an authenticator takes it.
 */
const wellKnown = /^(PLAIN|GSSAPI|SigV4|EXTERNAL|ANONYMOUS|OAUTHBEARER|CRAM-MD5|DIGEST-MD5|SCRAM-SHA-\d+)$/

/** Whether it is certain that the authenticator does not take the mechanism. */
export function isMismatch(authenticator: string, mechanism: string): boolean {
  return refuses(knownAuthenticator(authenticator), mechanism)
}

function refuses(row: KnownAuthenticator | undefined, mechanism: string): boolean {
  if (row === undefined || row.takes === 'any') return false
  return wellKnown.test(mechanism) && !row.takes.includes(mechanism)
}

export function mismatchError(authenticator: string, mechanisms: readonly string[]): AuthError {
  return authError(
    'AUTHENTICATOR_MISMATCH',
    `The server asks for ${authenticator}, which does not take ${mechanisms.join(' or ')}. ${adviceOn(authenticator)}`,
  )
}

/** What is known of an authenticator, as a sentence for an error message; empty where nothing is. */
export function adviceOn(authenticator: string): string {
  const row = knownAuthenticator(authenticator)
  return row ? `That is the authenticator of ${row.product}: use ${row.use}.` : ''
}

/** Codes of errors that a mechanism which the server does not speak ends with. */
const misunderstandings = [
  'SERVER_TIMEOUT',
  'UNEXPECTED_CHALLENGE',
  'UNEXPECTED_SUCCESS',
  'CHALLENGE_INVALID',
]

/** The error, with what to use where the authenticator does not take the mechanism that was tried. */
export function explained(error: AuthError, mechanism: string | undefined): AuthError {
  const { code, authenticator = '' } = error
  if (!mechanism || !misunderstandings.includes(code) || !isMismatch(authenticator, mechanism)) return error
  const problem = `${problemOf(error)} ${authenticator} does not take ${mechanism}. ${adviceOn(authenticator)}`
  const { fault, remedy } = error
  return new AuthError(code, { fault, summary: '', remedy }, problem, error)
}
