/**
 * A provider of an author who knows the driver and nothing of our packages, in steps that a careless author gets wrong.
 * Unlike the mutants it shares no code with the suite, with @x/auth-core or with their references.
 */
import { passwordAuthenticator } from '@x/auth-testserver'
import { auth } from 'cassandra-driver'
import type { ProviderScenario, ProviderSubject } from '../../src/subject.js'

export interface Login {
  readonly username: string
  readonly password: string
  readonly expiresAt?: unknown
}

export interface Connection {
  readonly endpoint: string
  readonly address: string
  readonly port: number
  readonly authenticator: string
  readonly signal: AbortSignal
}

type Scenario = ProviderScenario<Login>
type Callback = (error: Error | null, token?: Buffer) => void

interface Base {
  readonly AuthProvider: abstract new () => object
  readonly Authenticator: abstract new () => object
}
const { AuthProvider, Authenticator } = auth as unknown as Base

export class Stranger extends AuthProvider {
  readonly #scenario: Scenario

  constructor(scenario: Scenario) {
    super()
    const { authenticators: list, credentials } = scenario
    const named =
      list === undefined || (Array.isArray(list) && list.length > 0 && list.every((each) => isText(each)))
    if (!named) throw new TypeError('authenticators is not a list of names')
    if (typeof credentials !== 'function') this.check(credentials)
    if (!(scenario.deadlineMs > 0)) throw new TypeError('deadlineMs is not a time')
    this.#scenario = scenario
  }

  scenario(): Scenario {
    return this.#scenario
  }

  newAuthenticator(endpoint: string, name: string): StrangersAuthenticator {
    return new StrangersAuthenticator(this, endpoint, name)
  }

  answers(name: string): boolean {
    const { authenticators } = this.#scenario
    return !authenticators || authenticators.some((each) => this.isSame(each, name))
  }

  isSame(listed: string, name: string): boolean {
    return listed === name
  }

  async obtain(connection: Connection): Promise<Login> {
    const { credentials } = this.#scenario
    return typeof credentials === 'function' ? credentials(connection) : credentials
  }

  check(login: unknown): Login {
    const { username, password } = (login ?? {}) as Partial<Login>
    if (!isText(username) || !isText(password)) throw new TypeError('this is not a login')
    return login as Login
  }

  isOver(expiresAt: unknown): boolean {
    if (expiresAt === undefined) return false
    const isDate = Object.prototype.toString.call(expiresAt) === '[object Date]'
    if (!isDate || Number.isNaN((expiresAt as Date).getTime())) throw new TypeError('expiresAt is not a Date')
    return (expiresAt as Date).getTime() <= Date.now()
  }
}

export class StrangersAuthenticator extends Authenticator {
  readonly #provider: Stranger
  readonly #endpoint: string
  readonly #name: string
  readonly #abort = new AbortController()
  #callback: Callback = () => undefined
  #timer: NodeJS.Timeout | undefined
  #state: 'begun' | 'sent' | 'over' = 'begun'
  #handed: Login | undefined

  constructor(provider: Stranger, endpoint: string, name: string) {
    super()
    this.#provider = provider
    this.#endpoint = endpoint
    this.#name = name
  }

  get username(): string | undefined {
    return this.#handed?.username
  }

  get password(): string | undefined {
    return this.#handed?.password
  }

  initialResponse(callback: Callback): void {
    this.#callback = callback
    const { deadlineMs } = this.#provider.scenario()
    this.#timer = setTimeout(() => this.#fail(this.#error(`took longer than ${deadlineMs} ms`)), deadlineMs)
    void this.#answer()
  }

  evaluateChallenge(_challenge: Buffer, callback: Callback): void {
    this.#callback = callback
    if (this.#state === 'over') callback(this.#error('is over'))
    else this.#fail(this.#error('was asked on'))
  }

  onAuthenticationSuccess(): void {
    if (this.#state === 'begun') this.#fail(this.#error('succeeded before it had begun'))
    this.#end()
  }

  async #answer(): Promise<void> {
    try {
      if (!this.#provider.answers(this.#name)) throw this.#error('is asked for by a stranger')
      const login = this.#provider.check(await this.#obtained())
      if (this.#state === 'over') return
      if (this.#provider.isOver(login.expiresAt)) throw this.#error('has credentials that have expired')
      this.#state = 'sent'
      this.#timer?.unref()
      this.#hand(login)
    } catch (error) {
      this.#fail(Object.assign(this.#error('failed'), { code: 'STRANGER', reason: (error as Error).message }))
    }
  }

  #obtained(): Promise<Login> {
    const colon = this.#endpoint.lastIndexOf(':')
    const [address, port] = [this.#endpoint.slice(0, colon), Number(this.#endpoint.slice(colon + 1))]
    const connection = { endpoint: this.#endpoint, address, port, authenticator: this.#name }
    return this.#provider.obtain({ ...connection, signal: this.#abort.signal }).catch(() => {
      throw this.#error('has a source that fails')
    })
  }

  /** Meanwhile the driver reads user name and password, under protocol version 1. */
  #hand(login: Login): void {
    this.#handed = login
    try {
      this.#callback(null, Buffer.from(`\0${login.username}\0${login.password}`))
    } finally {
      this.#handed = undefined
    }
  }

  #error(what: string): Error {
    return Object.assign(new Error(`the login at ${this.#endpoint} ${what}`), { code: 'STRANGER' })
  }

  #fail(error: Error): void {
    if (this.#state === 'over') return
    this.#end()
    this.#abort.abort(error)
    try {
      this.#callback(error)
    } catch {
      // Nobody is left who could get an error.
    }
  }

  #end(): void {
    this.#state = 'over'
    clearTimeout(this.#timer)
  }
}

export function strangersSubject(name: string, Provider: typeof Stranger): ProviderSubject<Login> {
  return {
    kind: 'provider',
    name,
    traits: {
      credentials: 'source',
      messages: 1,
      cleartext: true,
      protocolV1: true,
      authenticators: true,
      expiry: true,
    },
    account(label) {
      const [username, password] = [`user-${label}`, `pass+word/${label}?`]
      return { username, credentials: { username, password }, secrets: [password] }
    },
    server: (accounts) =>
      passwordAuthenticator({
        users: Object.fromEntries(accounts.map((each) => [each.username, each.credentials.password])),
      }),
    create: (scenario) => new Provider(scenario),
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('\0')
}
