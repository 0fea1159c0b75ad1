import { AuthError, authError } from '../errors.js'
import { knownAuthenticator } from '../known-authenticator.js'
import { problemOf } from './adopt-error.js'

/**
 * Mechanisms whose names say what they send; of one with another name nobody knows whether an authenticator takes it. SigV4
 * is left out: its first message is no secret, and a service in front of Amazon Keyspaces may call itself what it likes.
 */
const wellKnown = /^(PLAIN|GSSAPI|EXTERNAL|ANONYMOUS|OAUTHBEARER|CRAM-MD5|DIGEST-MD5|SCRAM-SHA-\d+)$/

/** Whether it is certain that the authenticator does not take the mechanism. */
export function isMismatch(authenticator: string, mechanism: string): boolean {
  return !takes(authenticator, mechanism) && wellKnown.test(mechanism)
}

function takes(authenticator: string, mechanism: string): boolean {
  const row = knownAuthenticator(authenticator)
  return row === undefined || row.takes === 'any' || row.takes.includes(mechanism)
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
  if (!mechanism || !misunderstandings.includes(code) || takes(authenticator, mechanism)) return error
  const problem = `${problemOf(error)} ${authenticator} is not known to take ${mechanism}. ${adviceOn(authenticator)}`
  const { fault, remedy } = error
  return new AuthError(code, { fault, summary: '', remedy }, problem, error)
}
