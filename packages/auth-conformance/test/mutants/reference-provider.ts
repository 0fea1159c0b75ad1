/**
 * A provider that keeps every promise of the suite, written without BaseAuthProvider, in steps small enough that a
 * mutant can break one. Its mechanism: zero bytes; the server's nonce; user name NUL HMAC(password, nonce).
 */
import { createHmac, randomBytes } from 'node:crypto'
import { channel } from 'node:diagnostics_channel'
import { type CredentialContext, isAuthError, parseEndpoint } from '@x/auth-core'
import { authError, type DriverAuthenticator, type DriverCallback, providerRecord } from '@x/auth-core/base'
import type { ServerAuthenticator } from '@x/auth-testserver'
import { auth } from 'cassandra-driver'
import type {
  Account,
  LoginVector,
  ProviderScenario,
  ProviderSubject,
  ProviderTraits,
} from '../../src/subject.js'
import { passwordAccount } from './password-accounts.js'

export interface Password {
  readonly username: string
  readonly password: string
  readonly expiresAt?: Date
}

export type Scenario = ProviderScenario<Password>

const { AuthProvider } = auth as unknown as { AuthProvider: abstract new () => auth.AuthProvider }

export class ReferenceProvider extends AuthProvider {
  readonly counts = new Map<string, number>()
  readonly going = new Set<string>()
  readonly [providerRecord] = {
    provider: 'ReferenceProvider',
    mechanisms: ['REFERENCE'],
    cleartext: this.cleartext,
    mutual: false,
    successes: (endpoint: string) => this.successes(endpoint),
  }
  // Private, so that nothing that prints the provider prints the password.
  readonly #scenario: Scenario

  constructor(scenario: Scenario) {
    super()
    this.#scenario = scenario
    this.checkList(scenario.authenticators)
  }

  checkList(list: unknown): void {
    if (list === undefined) return
    const named = (entry: unknown) => typeof entry === 'string' && entry !== ''
    if (!Array.isArray(list) || list.length === 0 || !list.every(named)) throw authError('OPTION_INVALID')
  }

  override newAuthenticator(endpoint: string, name: string): DriverAuthenticator {
    return this.start(this.#scenario, endpoint, name)
  }

  start(scenario: Scenario, endpoint: string, name: string): DriverAuthenticator {
    return new ReferenceAuthenticator(this, scenario, endpoint, name)
  }

  get cleartext(): boolean {
    return false
  }

  /** A login has begun; for mutants that count logins. */
  begin(endpoint: string): void {
    if (this.going.has(endpoint)) throw new Error('a login to this endpoint is going on')
    this.going.add(endpoint)
  }

  end(endpoint: string): void {
    this.going.delete(endpoint)
  }

  successes(endpoint: string): number {
    return this.counts.get(endpoint) ?? 0
  }

  count(endpoint: string): void {
    this.counts.set(endpoint, this.successes(endpoint) + 1)
  }
}

export class ReferenceAuthenticator implements DriverAuthenticator {
  readonly provider: ReferenceProvider
  readonly endpoint: string
  readonly authenticator: string
  readonly abort = new AbortController()
  callback: DriverCallback = () => {}
  timer: NodeJS.Timeout | undefined
  outcome: 'success' | Error | undefined
  challenges = 0
  /** The last message has been sent: the server may decide. */
  complete = false
  handed = false
  readonly #scenario: Scenario
  #account: Password | undefined

  constructor(provider: ReferenceProvider, scenario: Scenario, endpoint: string, authenticator: string) {
    this.provider = provider
    this.#scenario = scenario
    this.endpoint = endpoint
    this.authenticator = authenticator
  }

  scenario(): Scenario {
    return this.#scenario
  }

  account(): Password {
    return this.#account as Password
  }

  initialResponse(callback: DriverCallback): void {
    this.callback = callback
    this.startTimer()
    this.begin().catch((error) => this.fail(this.wrap(error)))
  }

  evaluateChallenge(challenge: Uint8Array | null, callback: DriverCallback): void {
    this.callback = callback
    this.challenges += 1
    if (this.outcome) return this.tell(this.outcome)
    if (this.complete) return this.fail(authError('UNEXPECTED_CHALLENGE', undefined, this.details))
    if (challenge?.length !== 16) {
      return this.fail(authError('CHALLENGE_INVALID', undefined, this.details))
    }
    this.complete = true
    this.hand(this.answer(challenge))
  }

  onAuthenticationSuccess(_token?: unknown): void {
    if (this.outcome) return
    if (!this.complete) return this.fail(authError('UNEXPECTED_SUCCESS', undefined, this.details))
    this.succeed()
  }

  async begin(): Promise<void> {
    this.checkAuthenticator()
    const account = await this.obtain()
    if (this.over) return
    this.#account = this.parse(account)
    this.hand(this.first())
  }

  checkAuthenticator(): void {
    const { authenticators } = this.scenario()
    if (!authenticators || authenticators.some((each) => this.matches(each))) return
    throw authError('AUTHENTICATOR_NOT_ALLOWED', undefined, this.details)
  }

  matches(allowed: string): boolean {
    return allowed === this.authenticator
  }

  async obtain(): Promise<unknown> {
    const { credentials } = this.scenario()
    return typeof credentials === 'function' ? credentials(this.context()) : credentials
  }

  context(): CredentialContext {
    const { endpoint, authenticator } = this
    return { endpoint, ...parseEndpoint(endpoint), authenticator, signal: this.abort.signal }
  }

  parse(account: unknown): Password {
    const { username, password, expiresAt } = (account ?? {}) as Partial<Password>
    if (typeof username !== 'string' || typeof password !== 'string') {
      throw authError('CREDENTIALS_INVALID', undefined, this.details)
    }
    this.checkExpiry(expiresAt)
    return { username, password }
  }

  checkExpiry(expiresAt: unknown): void {
    if (expiresAt === undefined) return
    if (!isValidDate(expiresAt)) throw authError('CREDENTIALS_INVALID', undefined, this.details)
    if (expiresAt.getTime() <= Date.now()) {
      throw authError('CREDENTIALS_EXPIRED', undefined, this.details)
    }
  }

  first(): Buffer {
    return Buffer.alloc(0)
  }

  answer(challenge: Uint8Array): Buffer {
    const { username, password } = this.account()
    const proof = proofOf(password, challenge)
    return Buffer.from(`${username}\0${proof}`)
  }

  hand(token: Buffer): void {
    this.handed = true
    this.timer?.unref()
    this.callback(null, token)
  }

  startTimer(): void {
    this.timer = setTimeout(() => this.deadlinePassed(), this.scenario().deadlineMs)
  }

  deadlinePassed(): void {
    this.fail(authError('SERVER_TIMEOUT', undefined, this.details))
  }

  /** The thrown value as an error of this login. A value that is not an Error may be a secret and is not kept. */
  wrap(reason: unknown): Error {
    if (isAuthError(reason)) return reason
    return authError('SOURCE_FAILED', undefined, {
      ...this.details,
      cause: isReadable(reason) ? reason : undefined,
    })
  }

  get details(): { endpoint: string; authenticator: string } {
    return { endpoint: this.endpoint, authenticator: this.authenticator }
  }

  get over(): boolean {
    return this.outcome !== undefined
  }

  succeed(): void {
    this.outcome = 'success'
    clearTimeout(this.timer)
    this.provider.count(this.endpoint)
    this.publish({ endpoint: this.endpoint, outcome: 'success' })
  }

  fail(error: Error): void {
    if (this.outcome) return
    this.outcome = error
    clearTimeout(this.timer)
    this.abort.abort(error)
    this.publish({ endpoint: this.endpoint, outcome: 'failure' })
    this.tell(error)
  }

  tell(outcome: 'success' | Error): void {
    this.callback(outcome === 'success' ? authError('UNEXPECTED_CHALLENGE') : outcome)
  }

  publish(event: object): void {
    channel('tracing:@x/auth:exchange:asyncEnd').publish(event)
  }
}

/** An error that can be read: a source may throw a proxy, or an error with getters that throw. */
export function isReadable(reason: unknown): reason is Error {
  try {
    return reason instanceof Error && reason.message !== undefined
  } catch {
    return false
  }
}

export function isValidDate(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime())
}

const traits: ProviderTraits = {
  credentials: 'source',
  messages: 2,
  cleartext: false,
  authenticators: true,
  expiry: true,
}

/** The subject for the reference, or for a mutant of it. */
export function referenceSubject(
  name: string,
  Provider: new (scenario: Scenario) => auth.AuthProvider,
): ProviderSubject<Password> {
  return {
    kind: 'provider',
    name,
    traits,
    account: passwordAccount,
    server,
    create: (scenario) => new Provider(scenario),
    vectors: [knownLogin],
  }
}

const knownLogin: LoginVector<Password> = {
  name: 'all zero',
  credentials: { username: 'user', password: 'pencil' },
  messages: [
    { from: 'client', hex: '' },
    { from: 'server', hex: '00'.repeat(16) },
    { from: 'client', hex: Buffer.from(`user\0${proofOf('pencil', Buffer.alloc(16))}`).toString('hex') },
  ],
}

function proofOf(password: string, nonce: Uint8Array): string {
  return createHmac('sha256', password).update(nonce).digest('hex')
}

/** More tolerant than a real server, so that only the suite lets a mutant fail. */
function server(accounts: readonly Account<Password>[]): ServerAuthenticator {
  return {
    name: 'org.example.ReferenceAuthenticator',
    newExchange: () => {
      const nonce = randomBytes(16)
      let asked = false
      return {
        respond: (token) => {
          if (!asked) {
            asked = true
            return { challenge: nonce }
          }
          const [username, proof] = Buffer.from(token ?? [])
            .toString()
            .split('\0')
          const known = accounts.find((each) => each.username === username)
          const expected = createHmac('sha256', known?.credentials.password ?? '')
            .update(nonce)
            .digest('hex')
          return known && proof === expected
            ? { success: null, username: known.username }
            : { failure: 'Provided username and/or password are incorrect' }
        },
      }
    },
  }
}
