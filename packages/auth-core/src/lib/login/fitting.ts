import { type AuthenticatorPattern, matchesAuthenticator } from '../../authenticator-pattern.js'
import { AuthError, authError } from '../../errors.js'
import { knownAuthenticator } from '../../known-authenticator.js'
import type { Mechanism } from '../../mechanism.js'
import { dseNegotiated, isDseAuthenticator } from '../../mechanisms/dse-negotiation.js'
import { quotable } from '../../quotable.js'
import { problemOf } from './adopt-error.js'
import type { Choice, Choose } from './choice.js'
import { isDowngrade } from './floor.js'
import { mechanismSnapshot } from './snapshot.js'

interface Rules {
  readonly authenticators?: readonly AuthenticatorPattern[] | undefined
  readonly select?: ((authenticator: string) => Mechanism<unknown>) | undefined
  readonly allowDowngradeToCleartext: boolean
}

/**
 * Which of its choices a provider offers an authenticator. What it returns throws AUTHENTICATOR_NOT_ALLOWED, AUTHENTICATOR_MISMATCH
 * and DOWNGRADE_REFUSED.
 */
export function chooser(choices: readonly Choice[], rules: Rules): Choose {
  const { authenticators: allowed, select } = rules
  const choose = select ? selected(choices, select) : fitting(choices, rules)
  if (!allowed) return choose
  return (authenticator) => {
    if (allowed.some((pattern) => matchesAuthenticator(pattern, authenticator))) return choose(authenticator)
    const problem = `The server asks for ${quotable(authenticator)}, which is not in the option authenticators.`
    throw authError('AUTHENTICATOR_NOT_ALLOWED', `${problem} ${adviceOn(authenticator)}`.trim())
  }
}

/** All that the authenticator may accept. A user who has `named` its class knows more about it than we do. */
function fitting(
  choices: readonly Choice[],
  { authenticators: named, allowDowngradeToCleartext }: Rules,
): Choose {
  const negotiated = choices.map(({ mechanism, credentials }) => ({
    mechanism: dseNegotiated(mechanism),
    credentials,
  }))
  // A cluster has one authenticator, and names it on each connection.
  let last: string | undefined
  let fit: readonly Choice[] = []
  return (authenticator) => {
    if (authenticator !== last) {
      fit = isDseAuthenticator(authenticator)
        ? negotiated
        : choices.filter(({ mechanism }) => !isMismatch(authenticator, mechanism))
      last = authenticator
    }
    if (fit.length > 0) return allowDowngradeToCleartext ? fit : aboveFloor(choices, fit, authenticator)
    if (named) return choices
    const names = namesOf(choices).join(' or ')
    throw authError(
      'AUTHENTICATOR_MISMATCH',
      `The server asks for ${authenticator}, which does not take ${names}. ${adviceOn(authenticator)}`,
    )
  }
}

/** Without the readable ones, if a preferred one is not readable and does not fit: any server can send any class name. */
function aboveFloor(
  choices: readonly Choice[],
  fit: readonly Choice[],
  authenticator: string,
): readonly Choice[] {
  if (fit.length === choices.length) return fit
  const passedBefore = (choice: Choice) =>
    choices.slice(0, choices.indexOf(choice)).filter((each) => !fit.includes(each))
  const above = fit.filter(
    (choice) =>
      !isDowngrade(
        passedBefore(choice).map(({ mechanism }) => mechanism),
        choice.mechanism,
      ),
  )
  if (above.length > 0) return above
  const passed = namesOf(choices.filter((each) => !fit.includes(each))).join(', ')
  throw authError(
    'DOWNGRADE_REFUSED',
    `The server says that its authenticator is ${quotable(authenticator)}. That excludes ${passed} and leaves ${namesOf(fit).join(', ')}, which sends the secret readable.`,
  )
}

function namesOf(choices: readonly Choice[]): readonly string[] {
  return choices.map(({ mechanism }) => mechanism.name)
}

/** With the credentials of its name: it may be a variant of one that was given, such as `dseNegotiated` makes. */
function selected(choices: readonly Choice[], select: (authenticator: string) => Mechanism<unknown>): Choose {
  return (authenticator) => {
    const mechanism = mechanismSnapshot(select(authenticator))
    const given = choices.find((choice) => choice.mechanism.name === mechanism.name) ?? choices[0]
    return [{ mechanism, credentials: given?.credentials ?? {} }]
  }
}

/**
 * Whether it is certain that the authenticator does not take the mechanism. Nobody knows what a private name stands
 * for, or what accepts a login that is not a SASL mechanism: a service in front of Amazon Keyspaces may have any class
 * name.
 */
function isMismatch(authenticator: string, { name, sasl }: Mechanism<unknown>): boolean {
  return !takes(authenticator, name) && sasl !== false && !name.startsWith('X-')
}

function takes(authenticator: string, mechanism: string): boolean {
  const row = knownAuthenticator(authenticator)
  return row === undefined || row.takes === 'any' || row.takes.includes(mechanism)
}

/** What is known about an authenticator, as a sentence for an error message; empty if nothing is. */
export function adviceOn(authenticator: string): string {
  const row = knownAuthenticator(authenticator)
  return row ? `This is the authenticator of ${row.product}: use ${row.use}.` : ''
}

/** Codes of the errors of a mechanism that the server does not speak. */
const misunderstandings = [
  'SERVER_TIMEOUT',
  'UNEXPECTED_CHALLENGE',
  'UNEXPECTED_SUCCESS',
  'CHALLENGE_INVALID',
]

/** The error, with what to use if the authenticator is not known to accept the mechanism that was tried. */
export function explained(error: AuthError, mechanism: string | undefined): AuthError {
  const { code, fault, remedy, authenticator = '' } = error
  if (!mechanism || !misunderstandings.includes(code) || takes(authenticator, mechanism)) return error
  const problem = `${problemOf(error)} ${authenticator} is not known to take ${mechanism}. ${adviceOn(authenticator)}`
  return new AuthError(code, { fault, summary: '', remedy }, problem, error)
}
