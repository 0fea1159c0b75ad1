import { isAuthError } from '@x/auth-core'
import { authError, type DriverCallback, providerRecord } from '@x/auth-core/base'
import type { ProviderSubject } from '../../src/subject.js'
import type { Mutant } from './mutant.js'
import { OwnKindAuthenticator, ownKindSubject } from './own-kind-reference.js'
import { authenticatorMutant, providerMutant } from './provider-mutant.js'
import {
  isReadable,
  type Password,
  ReferenceAuthenticator,
  ReferenceProvider,
  type Scenario,
} from './reference-provider.js'

/** Errors, allow-list, concurrency. */
export const restMutants: readonly Mutant[] = [
  authenticatorMutant(
    'PROV-50',
    'fails with an error that has no code',
    class extends ReferenceAuthenticator {
      override fail(error: Error): void {
        super.fail(new Error(error.message))
      }
    },
  ),
  authenticatorMutant(
    'PROV-51',
    'asks the source before it looks at its list',
    class extends ReferenceAuthenticator {
      override checkAuthenticator(): void {}
      override async obtain(): Promise<unknown> {
        const account = await super.obtain()
        super.checkAuthenticator()
        return account
      }
    },
  ),
  authenticatorMutant(
    'PROV-56',
    'compares as much of a name as there is',
    class extends ReferenceAuthenticator {
      override matches(allowed: string): boolean {
        return allowed.startsWith(this.authenticator) || this.authenticator.startsWith(allowed)
      }
    },
  ),
  {
    breaks: 'PROV-52',
    subject: ownKindSubject(
      'PROV-52: looks only at the end of the name',
      class extends OwnKindAuthenticator {
        override get ofItsKind(): boolean {
          return super.ofItsKind || this.authenticator.endsWith('Stranger')
        }
      },
    ),
  },
  authenticatorMutant(
    'PROV-61',
    'copies credentials before it reads them',
    class extends ReferenceAuthenticator {
      override parse(account: unknown): Password {
        return super.parse({ ...(account as object) })
      }
    },
  ),
  authenticatorMutant(
    'PROV-62',
    'looks for the end of credentials among their own properties',
    class extends ReferenceAuthenticator {
      override parse(account: unknown): Password {
        const { username, password } = (account ?? {}) as Password
        const { expiresAt } = { ...(account as Partial<Password>) }
        return super.parse({ username, password, expiresAt })
      }
    },
  ),
  providerMutant(
    'PROV-63',
    'takes a list of nobody for no list',
    class extends ReferenceProvider {
      override checkList(list: unknown): void {
        super.checkList(Array.isArray(list) && list[0] === undefined ? undefined : list)
      }
    },
  ),
  providerMutant('PROV-60', 'keeps the account of the login on the provider', sharing()),
]

export const secretMutants: readonly Mutant[] = [
  authenticatorMutant(
    'PROV-70',
    'quotes the credentials that it cannot use',
    class extends ReferenceAuthenticator {
      override parse(account: unknown): Password {
        try {
          return super.parse(account)
        } catch (error) {
          throw Object.assign(error as Error, { received: Buffer.from(JSON.stringify(account) ?? '') })
        }
      }
    },
  ),
  authenticatorMutant(
    'PROV-71',
    'becomes JSON with its password',
    class extends ReferenceAuthenticator {
      toJSON(): object {
        return { secret: Buffer.from(this.account()?.password ?? '').toString('base64') }
      }
    },
  ),
  authenticatorMutant(
    'PROV-78',
    'answers anyone who reads its password when all is over',
    class extends ReferenceAuthenticator {
      get password(): string | undefined {
        return this.over ? this.account().password : undefined
      }
    },
  ),
  authenticatorMutant(
    'PROV-72',
    'prints what it sends',
    class extends ReferenceAuthenticator {
      override first(): Buffer {
        console.debug('logging in with', encodeURIComponent(this.account().password))
        return super.first()
      }
    },
  ),
  authenticatorMutant(
    'PROV-73',
    'publishes its account',
    class extends ReferenceAuthenticator {
      override publish(event: object): void {
        super.publish({ ...event, account: this.account() })
      }
    },
  ),
  withoutKnownLogins(
    authenticatorMutant(
      'PROV-74',
      'sends the password beside its proof',
      class extends ReferenceAuthenticator {
        override answer(challenge: Uint8Array): Buffer {
          const password = Buffer.from(this.account().password).toString('hex')
          return Buffer.concat([super.answer(challenge), Buffer.from(`\0${password}`)])
        }
      },
    ),
  ),
]

export const wordMutants: readonly Mutant[] = [
  authenticatorMutant(
    'PROV-53',
    'has the class name of the server in its errors as it came',
    class extends ReferenceAuthenticator {
      override fail(error: Error): void {
        super.fail(
          Object.defineProperty(error, 'authenticator', { value: this.authenticator, enumerable: true }),
        )
      }
    },
  ),
  authenticatorMutant(
    'PROV-75',
    'answers for protocol version 1 for as long as the login lasts',
    class extends ReferenceAuthenticator {
      get password(): string | undefined {
        return this.over ? undefined : this.account().password
      }
    },
  ),
  authenticatorMutant(
    'PROV-76',
    'says why its source failed',
    class extends ReferenceAuthenticator {
      override wrap(reason: unknown): Error {
        if (isAuthError(reason) || !isReadable(reason)) return super.wrap(reason)
        return authError('SOURCE_FAILED', `The source failed: ${reason.message}.`, this.details)
      }
    },
  ),
  authenticatorMutant(
    'PROV-84',
    'keeps what its source threw where Node prints it',
    class extends ReferenceAuthenticator {
      override wrap(reason: unknown): Error {
        if (isAuthError(reason) || !isReadable(reason)) return super.wrap(reason)
        const error = authError('SOURCE_FAILED', undefined, this.details)
        return Object.defineProperty(error, 'cause', { value: reason })
      }
    },
  ),
  authenticatorMutant(
    'PROV-59',
    'says by name and code how its source failed',
    class extends ReferenceAuthenticator {
      override wrap(reason: unknown): Error {
        if (isAuthError(reason) || !isReadable(reason)) return super.wrap(reason)
        const { name, code = '' } = reason as Error & { code?: string }
        return authError('SOURCE_FAILED', `The source failed: ${name} ${code}.`, this.details)
      }
    },
  ),
  authenticatorMutant(
    'PROV-58',
    'looks at what its source threw, whatever it is',
    class extends ReferenceAuthenticator {
      override wrap(reason: unknown): Error {
        if (reason instanceof Error && reason.message === '') return authError('SOURCE_FAILED')
        return super.wrap(reason)
      }
    },
  ),
  authenticatorMutant(
    'PROV-77',
    'quotes what it does not understand',
    class extends ReferenceAuthenticator {
      override evaluateChallenge(challenge: Uint8Array | null, callback: DriverCallback): void {
        if (challenge?.length !== 16) {
          this.callback = callback
          const said = Buffer.from(challenge ?? []).toString('latin1')
          return this.fail(authError('CHALLENGE_INVALID', `The server said ${said}.`, this.details))
        }
        super.evaluateChallenge(challenge, callback)
      }
    },
  ),
]

export const recordMutants: readonly Mutant[] = [
  authenticatorMutant(
    'PROV-80',
    'counts a login when its last message is sent',
    class extends ReferenceAuthenticator {
      override hand(token: Buffer): void {
        if (this.complete) this.provider.count(this.endpoint)
        super.hand(token)
      }
      override succeed(): void {
        this.outcome = 'success'
        clearTimeout(this.timer)
      }
    },
  ),
  providerMutant(
    'PROV-81',
    'has always logged in already',
    class extends ReferenceProvider {
      override successes(endpoint: string): number {
        return 1_000 + super.successes(endpoint)
      }
      override count(endpoint: string): void {
        this.counts.set(endpoint, (this.counts.get(endpoint) ?? 0) + 1)
      }
    },
  ),
  providerMutant('PROV-82', 'keeps its record where a spread does not see it', hidingItsRecord()),
]

/** For a mutant that a comparison of bytes would notice too. */
function withoutKnownLogins({ breaks, subject }: Mutant): Mutant {
  return { breaks, subject: { ...(subject as ProviderSubject), vectors: [] } }
}

function sharing(): typeof ReferenceProvider {
  return class extends ReferenceProvider {
    current: (() => Password) | undefined
    override start(scenario: Scenario, endpoint: string, name: string) {
      const provider = this
      return new (class extends ReferenceAuthenticator {
        override parse(account: unknown): Password {
          const parsed = super.parse(account)
          provider.current = () => parsed
          return parsed
        }
        override account(): Password {
          return provider.current?.() as Password
        }
      })(this, scenario, endpoint, name)
    }
  }
}

function hidingItsRecord(): typeof ReferenceProvider {
  return class extends ReferenceProvider {
    constructor(scenario: Scenario) {
      super(scenario)
      Object.defineProperty(this, providerRecord, { enumerable: false })
    }
  }
}
