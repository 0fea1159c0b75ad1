import { type AuthenticatorPattern, matchesAuthenticator } from '../../authenticator-pattern.js'
import { AuthError, authError } from '../../errors.js'
import { knownAuthenticator } from '../../known-authenticator.js'
import type { Mechanism } from '../../mechanism.js'
import { dseNegotiated, isDseAuthenticator } from '../../mechanisms/dse-negotiation.js'
import { quotable } from '../../quotable.js'
import { problemOf } from './adopt-error.js'
import type { Choice, Choose } from './choice.js'

interface Rules {
  readonly authenticators?: readonly AuthenticatorPattern[] | undefined
  readonly select?: ((authenticator: string) => Mechanism<unknown>) | undefined
}

/** Which of its choices a provider offers an authenticator. What it returns throws AUTHENTICATOR_NOT_ALLOWED and AUTHENTICATOR_MISMATCH. */
export function chooser(choices: readonly Choice[], { authenticators: allowed, select }: Rules): Choose {
  const choose = select ? selected(choices, select) : fitting(choices, allowed !== undefined)
  if (!allowed) return choose
  return (authenticator) => {
    if (allowed.some((pattern) => matchesAuthenticator(pattern, authenticator))) return choose(authenticator)
    const problem = `The server asks for ${quotable(authenticator)}, which is not in the option authenticators.`
    throw authError('AUTHENTICATOR_NOT_ALLOWED', `${problem} ${adviceOn(authenticator)}`.trim())
  }
}

/** All that the authenticator may take. Whoever has `named` its class knows more of it than we do. */
function fitting(choices: readonly Choice[], named: boolean): Choose {
  const negotiated = choices.map(({ mechanism, credentials }) => ({
    mechanism: dseNegotiated(mechanism),
    credentials,
  }))
  // A cluster has one authenticator, and asks with it for each connection.
  let last: string | undefined
  let fit: readonly Choice[] = []
  return (authenticator) => {
    if (authenticator !== last) {
      fit = isDseAuthenticator(authenticator)
        ? negotiated
        : choices.filter(({ mechanism }) => !isMismatch(authenticator, mechanism.name))
      last = authenticator
    }
    if (fit.length > 0) return fit
    if (named) return choices
    const names = choices.map(({ mechanism }) => mechanism.name).join(' or ')
    throw authError(
      'AUTHENTICATOR_MISMATCH',
      `The server asks for ${authenticator}, which does not take ${names}. ${adviceOn(authenticator)}`,
    )
  }
}

/** With the credentials of its name: it may be a variant of one that was given, such as `dseNegotiated` makes. */
function selected(choices: readonly Choice[], select: (authenticator: string) => Mechanism<unknown>): Choose {
  return (authenticator) => {
    const mechanism = select(authenticator)
    const given = choices.find((choice) => choice.mechanism.name === mechanism.name) ?? choices[0]
    return [{ mechanism, credentials: given?.credentials ?? {} }]
  }
}

/**
 * Mechanisms whose names say what they send; of one with another name nobody knows whether an authenticator takes it. SigV4
 * is left out: its first message is no secret, and a service in front of Amazon Keyspaces may call itself what it likes.
 */
const wellKnown = /^(PLAIN|GSSAPI|EXTERNAL|ANONYMOUS|OAUTHBEARER|CRAM-MD5|DIGEST-MD5|SCRAM-SHA-\d+)$/

/** Whether it is certain that the authenticator does not take the mechanism. */
function isMismatch(authenticator: string, mechanism: string): boolean {
  return !takes(authenticator, mechanism) && wellKnown.test(mechanism)
}

function takes(authenticator: string, mechanism: string): boolean {
  const row = knownAuthenticator(authenticator)
  return row === undefined || row.takes === 'any' || row.takes.includes(mechanism)
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

/** The error, with what to use where the authenticator is not known to take the mechanism that was tried. */
export function explained(error: AuthError, mechanism: string | undefined): AuthError {
  const { code, fault, remedy, authenticator = '' } = error
  if (!mechanism || !misunderstandings.includes(code) || takes(authenticator, mechanism)) return error
  const problem = `${problemOf(error)} ${authenticator} is not known to take ${mechanism}. ${adviceOn(authenticator)}`
  return new AuthError(code, { fault, summary: '', remedy }, problem, error)
}
