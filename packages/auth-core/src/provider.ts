import type { AuthenticatorPattern } from './authenticator-pattern.js'
import { type Clock, maxDelayMs } from './clock.js'
import type { Credentials } from './credentials.js'
import { type DriverAuthenticator, DriverAuthProvider, type DriverCallback } from './driver.js'
import type { Choice, Choose } from './lib/login/choice.js'
import type { ExchangeSettings } from './lib/login/exchange.js'
import { downgradeOption, isGuarded } from './lib/login/floor.js'
import type { LoginCounter } from './lib/login/login-counter.js'
import type { ServerVerification } from './lib/login/server-proof.js'
import { credentialsSnapshot, mechanismSnapshot } from './lib/login/snapshot.js'
import { clockOption, patternsOption } from './lib/options/common-options.js'
import {
  callback,
  duration,
  initially,
  oneOf,
  optionBag,
  readOptions,
  required,
  type Spec,
  some,
} from './lib/options/option-spec.js'
import type { Mechanism } from './mechanism.js'
import { type ProviderRecord, providerRecord } from './provider-record.js'

/** Options that every provider of this family has. */
export interface ProviderOptions {
  /** Bound of one login, over the credential source and the server together. Default 10 000. */
  readonly deadlineMs?: number | undefined
  /**
   * The authenticators that this provider answers; any other is refused with AUTHENTICATOR_NOT_ALLOWED before a
   * credential is touched. Default: all but those that are known to take something else (AUTHENTICATOR_MISMATCH).
   */
  readonly authenticators?: readonly AuthenticatorPattern[] | undefined
  /** Where time comes from. Default: the clock of this machine. */
  readonly clock?: Clock | undefined
}

/** A mechanism with its own credentials. */
export interface MechanismChoice {
  readonly mechanism: Mechanism<unknown>
  readonly credentials: Credentials<object>
}

/** The options that every provider of this family has, for its own bag. */
export const providerOptions = {
  deadlineMs: initially(
    10_000,
    duration({ max: maxDelayMs }),
    "Below the driver's `readTimeout` of 12 s, so that the error that names the cause comes first; long enough for a secret store that is starting up.",
  ),
  authenticators: {
    ...patternsOption,
    shown: 'all except those that are [known](authenticators.md) not to accept the mechanism',
    why: 'Class names differ between distributions, and a list that is too short would lock users out. Set your own list if a password must never reach an unknown server.',
  },
  clock: clockOption,
} satisfies Spec<ProviderOptions>

/** The option of providers whose mechanisms let the server prove itself. */
export const serverVerificationOption = initially<ServerVerification>(
  'required',
  oneOf('required', 'when-sent'),
  'A proof that nobody compared is not a proof.',
)

/** What a provider's class hands to BaseAuthProvider. */
export interface BaseAuthProviderOptions<C> extends ProviderOptions {
  /**
   * The mechanisms that it may use, in order of preference. Each connection uses the first one that the authenticator
   * may accept and that can be used here: the next one is tried if there are no credentials
   * (CREDENTIALS_NOT_CONFIGURED) or if the mechanism says that it is unavailable. Any other failure ends the login.
   * DseAuthenticator gets the mechanism's name first.
   */
  readonly mechanisms: readonly (Mechanism<unknown> | MechanismChoice)[]
  /** Instead of that rule: chooses one of them for an authenticator's class name, or throws. */
  readonly select?: ((authenticator: string) => Mechanism<unknown>) | undefined
  /** For the mechanisms without their own. */
  readonly credentials?: Credentials<C> | undefined
  /** Default `required`. No effect on mechanisms in which the server proves nothing. */
  readonly serverVerification?: ServerVerification | undefined
  /**
   * Whether the class name that a server sends, or a KDC's error, may lead past a mechanism that keeps the secret off
   * the wire to one that sends it readable. Default false: DOWNGRADE_REFUSED. No effect on `select`.
   */
  readonly allowDowngradeToCleartext?: boolean | undefined
}

export const baseBag = optionBag('BaseAuthProvider', {
  ...providerOptions,
  serverVerification: serverVerificationOption,
  allowDowngradeToCleartext: downgradeOption,
  mechanisms: required(
    some<BaseAuthProviderOptions<unknown>['mechanisms']>(
      'a list of at least one mechanism',
      (value) => Array.isArray(value) && value.length > 0,
    ),
  ),
  select: callback<NonNullable<BaseAuthProviderOptions<unknown>['select']>>(),
  credentials: some<Credentials<unknown>>(
    'credentials, or a function that returns them',
    (value) => value !== null,
  ),
} satisfies Spec<BaseAuthProviderOptions<unknown>>)

let exchanges: typeof import('./lib/login/exchange.js') | undefined

/** Loaded at the first connection: a third of what the import of a provider would cost. */
function login(): typeof import('./lib/login/exchange.js') {
  exchanges ??= require('./lib/login/exchange.js') as typeof import('./lib/login/exchange.js')
  return exchanges
}

function fitting(): typeof import('./lib/login/fitting.js') {
  return require('./lib/login/fitting.js') as typeof import('./lib/login/fitting.js')
}

/**
 * What all providers share: each login ends within its deadline with one outcome, nothing is thrown into the driver,
 * and what is refused says why. A provider's class passes mechanisms and credentials and adds its own options.
 * Errors at construction: OPTION_INVALID, and CREDENTIALS_INVALID for a value that no mechanism takes.
 */
export abstract class BaseAuthProvider<C> extends DriverAuthProvider {
  readonly #settings: ExchangeSettings

  constructor(options: BaseAuthProviderOptions<C>) {
    super()
    // A message names the class that somebody made; baseBag stands for those without a name.
    const read = readOptions({ ...baseBag, who: new.target.name || baseBag.who }, options)
    const { deadlineMs, serverVerification, allowDowngradeToCleartext, clock } = read
    const choices = read.mechanisms.map((given) => checkedChoice(given, read.credentials))
    const mechanisms = choices.map(({ mechanism }) => mechanism)
    let logins: LoginCounter | undefined
    let choose: Choose | undefined
    this.#settings = {
      choose: (authenticator) => {
        choose ??= fitting().chooser(choices, read)
        return choose(authenticator)
      },
      deadlineMs,
      serverVerification,
      allowDowngradeToCleartext,
      clock,
      onSuccess: (endpoint, connection) => {
        logins ??= new (login().LoginCounter)()
        logins.add(endpoint, connection)
      },
    }
    const record: ProviderRecord = Object.freeze({
      provider: new.target.name,
      mechanisms: mechanisms.map(({ name }) => name),
      cleartext: mechanisms.some(({ cleartext }) => cleartext),
      guarded: mechanisms.some(isGuarded),
      exposes: [...new Set(mechanisms.flatMap(({ exposes }) => exposes ?? []))],
      mutual: serverVerification === 'required' && mechanisms.every(({ mutual }) => mutual),
      successes: (endpoint: string) => logins?.successes(endpoint) ?? 0,
      openLogins: (endpoint: string, reader: object) => logins?.open(endpoint, reader) ?? 0,
    })
    Object.defineProperty(this, providerRecord, { value: record, enumerable: true })
  }

  /** Called by the driver for each connection on which the server asks for a login. Never throws. */
  override newAuthenticator(endpoint: string, name: string): DriverAuthenticator {
    try {
      return new (login().Exchange)(endpoint, name, this.#settings)
    } catch (error) {
      // If the process has no file descriptor left, nothing can be loaded; a throw would end the process.
      return ending(error as Error)
    }
  }
}

function ending(error: Error): DriverAuthenticator {
  const end = (callback: unknown) => (callback as DriverCallback)(error)
  return {
    initialResponse: end,
    evaluateChallenge: (_challenge, callback) => end(callback),
    onAuthenticationSuccess: () => undefined,
  }
}

function checkedChoice<C>(
  given: Mechanism<unknown> | MechanismChoice,
  shared: Credentials<C> | undefined,
): Choice {
  const isChoice = typeof given === 'object' && given !== null && 'mechanism' in given
  const { mechanism: own, credentials } = isChoice
    ? given
    : { mechanism: given, credentials: shared as Credentials<object> }
  const mechanism = mechanismSnapshot(own)
  if (typeof credentials === 'function') return { mechanism, credentials }
  // What is checked here is what is sent.
  const snapshot = credentialsSnapshot(credentials)
  mechanism.parseCredentials(snapshot)
  return { mechanism, credentials: snapshot }
}
