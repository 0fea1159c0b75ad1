import type { AuthenticatorPattern } from '../../authenticator-pattern.js'
import { type Clock, systemClock } from '../../clock.js'
import type { Credentials } from '../../credentials.js'
import { initially, listOf, type Option, some } from './option-spec.js'

/** Where time comes from. */
export const clockOption: Option<Clock, Clock> = initially(
  systemClock,
  some<Clock>('a Clock: an object with the functions now and schedule, and perhaps monotonic', (value) => {
    const { now, schedule, monotonic = now } = Object(value) as Clock
    return [now, schedule, monotonic].every(isFunction)
  }),
  'Tests bring their own.',
  'the clock of this machine',
)

/** One pattern for class names of authenticators. */
export const patternOption: Option<AuthenticatorPattern, undefined> = some(
  'the class name of an authenticator, a RegExp or a function',
  (value) =>
    (typeof value === 'string' && value !== '') ||
    typeof value === 'function' ||
    Object.prototype.toString.call(value) === '[object RegExp]',
)

/** The authenticators that a provider answers. */
export const patternsOption: Option<readonly AuthenticatorPattern[], undefined> = listOf(
  patternOption,
  'a list of class names, RegExps or functions with at least one entry',
)

/** Credentials: a value, or where they come from. */
export function credentialsOption<C>(): Option<Credentials<C>, undefined> {
  return some(
    'an object with the credentials, or a function that returns it',
    (value) => typeof value === 'function' || (typeof value === 'object' && value !== null),
  )
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}
