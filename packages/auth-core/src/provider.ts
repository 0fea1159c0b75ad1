import { type AuthenticatorPattern, matchesAuthenticator } from './authenticator-pattern.js'
import { type Clock, systemClock } from './clock.js'
import type { Credentials } from './credentials.js'
import { type DriverAuthenticator, DriverAuthProvider } from './driver.js'
import { authError } from './errors.js'
import { Exchange, type ExchangeSettings } from './lib/exchange.js'
import type { ServerVerification } from './lib/server-proof.js'
import { SuccessCounter } from './lib/success-counter.js'
import type { Mechanism } from './mechanism.js'
import { type ProviderRecord, providerRecord } from './provider-record.js'

/** Options that every provider of this family has. */
export interface ProviderOptions {
  /** Bound of one login, over the credential source and the server together. Default 10 000. */
  readonly deadlineMs?: number | undefined
  /**
   * The authenticators that this provider answers; any other is refused with AUTHENTICATOR_NOT_ALLOWED before a
   * credential is touched. Default: all.
   */
  readonly authenticators?: readonly AuthenticatorPattern[] | undefined
  /** Where time comes from. Default: the clock of this machine. */
  readonly clock?: Clock | undefined
}

/** What a provider's class hands to BaseAuthProvider. */
export interface BaseAuthProviderOptions<C> extends ProviderOptions {
  /** The mechanisms that it may use, in order of preference. */
  readonly mechanisms: readonly Mechanism<unknown>[]
  /** Chooses for an authenticator's class name. Default: the first mechanism. */
  readonly select?: (authenticator: string) => Mechanism<unknown>
  readonly credentials: Credentials<C>
  /** Default `required`. Without effect on mechanisms in which the server proves nothing. */
  readonly serverVerification?: ServerVerification | undefined
}

/** The longest delay that a timer of Node can have. */
const maxDelayMs = 2 ** 31 - 1

/**
 * What all providers share: each login ends within its deadline with one outcome, nothing is thrown into the driver,
 * and what is refused says why. A provider's class passes mechanisms and credentials and adds its own options.
 * Errors at construction: OPTION_INVALID, and CREDENTIALS_INVALID for a value that no mechanism takes.
 */
export abstract class BaseAuthProvider<C> extends DriverAuthProvider {
  readonly #settings: ExchangeSettings

  constructor(options: BaseAuthProviderOptions<C>) {
    super()
    const { mechanisms, credentials, authenticators, clock = systemClock } = options
    const [preferred] = mechanisms
    if (!preferred) throw authError('OPTION_INVALID', 'The option mechanisms needs at least one mechanism.')
    const select = options.select ?? (() => preferred)
    const successes = new SuccessCounter()
    this.#settings = {
      select: authenticators ? allowing(authenticators, select) : select,
      credentials: typeof credentials === 'function' ? credentials : checkedCopy(credentials, mechanisms),
      deadlineMs: checkDeadline(options.deadlineMs ?? 10_000),
      serverVerification: checkVerification(options.serverVerification ?? 'required'),
      clock,
      onSuccess: (endpoint) => successes.add(endpoint),
    }
    const record: ProviderRecord = Object.freeze({
      provider: new.target.name,
      mechanisms: mechanisms.map(({ name }) => name),
      cleartext: mechanisms.some(({ cleartext }) => cleartext),
      mutual: mechanisms.every(({ mutual }) => mutual),
      successes: (endpoint: string) => successes.of(endpoint),
    })
    Object.defineProperty(this, providerRecord, { value: record, enumerable: true })
  }

  /** Called by the driver for each connection on which the server asks for a login. Never throws. */
  override newAuthenticator(endpoint: string, name: string): DriverAuthenticator {
    return new Exchange(endpoint, name, this.#settings)
  }
}

function allowing(allowed: readonly AuthenticatorPattern[], select: ExchangeSettings['select']) {
  return (authenticator: string) => {
    if (allowed.some((pattern) => matchesAuthenticator(pattern, authenticator))) return select(authenticator)
    throw authError(
      'AUTHENTICATOR_NOT_ALLOWED',
      `The server asks for ${authenticator}, which is not in the option authenticators.`,
    )
  }
}

/** A snapshot, so that what was checked here is what is sent. */
function checkedCopy<C>(credentials: C, mechanisms: readonly Mechanism<unknown>[]): C {
  for (const mechanism of mechanisms) mechanism.parseCredentials(credentials)
  return { ...credentials }
}

function checkDeadline(deadlineMs: number): number {
  if (Number.isFinite(deadlineMs) && deadlineMs > 0 && deadlineMs <= maxDelayMs) return deadlineMs
  throw authError(
    'OPTION_INVALID',
    `The option deadlineMs is a number of milliseconds from 1 to ${maxDelayMs}.`,
  )
}

function checkVerification(value: ServerVerification): ServerVerification {
  if (value === 'required' || value === 'when-sent') return value
  throw authError('OPTION_INVALID', "The option serverVerification is 'required' or 'when-sent'.")
}
