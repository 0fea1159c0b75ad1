import type { Mutant } from './mutant.js'
import { authenticatorMutant, providerMutant } from './provider-mutant.js'
import {
  isReadable,
  isValidDate,
  ReferenceAuthenticator,
  ReferenceProvider,
  type Scenario,
} from './reference-provider.js'

/** Treats some rejections of a source in another way. */
function onRejection(
  breaks: string,
  flaw: string,
  act: (self: ReferenceAuthenticator, reason: unknown) => boolean,
) {
  return authenticatorMutant(
    breaks,
    flaw,
    class extends ReferenceAuthenticator {
      override async obtain(): Promise<unknown> {
        try {
          return await super.obtain()
        } catch (reason) {
          if (act(this, reason)) return new Promise(() => {})
          throw reason
        }
      }
    },
  )
}

export const sourceMutants: readonly Mutant[] = [
  authenticatorMutant(
    'PROV-36',
    'does not catch a source that fails late',
    class extends ReferenceAuthenticator {
      override async obtain(): Promise<unknown> {
        let late = false
        setImmediate(() => {
          late = true
        })
        return super.obtain().catch((reason) => {
          // An HTTP client may throw such a value; a stuck source of this suite ends with an Error.
          if (late && !(reason instanceof Error)) void Promise.reject(reason)
          throw reason
        })
      }
    },
  ),
  authenticatorMutant(
    'PROV-40',
    'does not expect a source to throw',
    class extends ReferenceAuthenticator {
      override initialResponse(callback: Parameters<ReferenceAuthenticator['initialResponse']>[0]): void {
        const { credentials } = this.scenario()
        // The first answer is discarded: what matters is that nobody catches the error.
        if (typeof credentials === 'function' && !this.scenario().authenticators)
          Promise.resolve(credentials(this.context())).catch(() => undefined)
        super.initialResponse(callback)
      }
    },
  ),
  authenticatorMutant(
    'PROV-41',
    'forgets the login when its source rejects with an Error',
    class extends ReferenceAuthenticator {
      override async obtain(): Promise<unknown> {
        const { credentials } = this.scenario()
        if (typeof credentials !== 'function') return credentials
        // A throw differs from a rejection: the await has its own catch, but the call has not.
        const answer = credentials(this.context())
        return Promise.resolve(answer).catch((reason) => {
          if (isReadable(reason)) return new Promise(() => {})
          throw reason
        })
      }
    },
  ),
  onRejection('PROV-42', 'passes a string on unchanged', (self, reason) => {
    if (typeof reason !== 'string') return false
    self.callback(reason as unknown as Error)
    return true
  }),
  onRejection('PROV-43', 'passes undefined on unchanged', (self, reason) => {
    if (reason !== undefined) return false
    self.callback(undefined as unknown as null)
    return true
  }),
  authenticatorMutant(
    'PROV-44',
    'logs in without a name when the source returns nothing',
    class extends ReferenceAuthenticator {
      override parse(account: unknown) {
        return super.parse(account ?? { username: '', password: '' })
      }
    },
  ),
  authenticatorMutant(
    'PROV-45',
    'sends what was never set as text',
    class extends ReferenceAuthenticator {
      override parse(account: unknown) {
        const shape = account as { username?: unknown; password?: unknown; expiresAt?: unknown } | undefined
        return super.parse(
          shape && {
            username: String(shape.username),
            password: String(shape.password),
            expiresAt: shape.expiresAt,
          },
        )
      }
    },
  ),
  authenticatorMutant(
    'PROV-46',
    'does not look at expiresAt',
    class extends ReferenceAuthenticator {
      // Another clause checks an expiry from a getter.
      own = false
      override parse(account: unknown) {
        this.own = Object.hasOwn(account ?? {}, 'expiresAt')
        return super.parse(account)
      }
      override checkExpiry(expiresAt: unknown): void {
        if (!this.own || !isValidDate(expiresAt)) super.checkExpiry(expiresAt)
      }
    },
  ),
  authenticatorMutant(
    'PROV-47',
    'gives the source a signal that nobody aborts',
    class extends ReferenceAuthenticator {
      override context() {
        return { ...super.context(), signal: new AbortController().signal }
      }
    },
  ),
  authenticatorMutant(
    'PROV-48',
    'tells the source of no authenticator',
    class extends ReferenceAuthenticator {
      override context() {
        return { ...super.context(), authenticator: '' }
      }
    },
  ),
  authenticatorMutant(
    'PROV-57',
    'takes an end that is not a time for none',
    class extends ReferenceAuthenticator {
      override checkExpiry(expiresAt: unknown): void {
        if (isValidDate(expiresAt)) super.checkExpiry(expiresAt)
      }
    },
  ),
  providerMutant('PROV-54', 'asks its source once and keeps the answer of its first login', keepingAnswers()),
  providerMutant('PROV-55', 'repeats the first failure of its source', keepingFailures()),
  providerMutant('PROV-49', 'asks its source for one connection after another', oneAfterAnother()),
]

/** A successful login decides; after one that failed or is slow, the source is asked again. */
function keepingAnswers(): typeof ReferenceProvider {
  return class extends ReferenceProvider {
    kept: (() => unknown) | undefined
    override start(scenario: Scenario, endpoint: string, name: string) {
      const provider = this
      return new (class extends ReferenceAuthenticator {
        obtained: (() => unknown) | undefined
        override async obtain(): Promise<unknown> {
          const kept = provider.kept?.()
          const answer = kept ?? (await super.obtain())
          this.obtained = () => answer
          return answer
        }
        override succeed(): void {
          // Only for one server and without a list: if servers have their own accounts, it keeps nothing.
          if (this.endpoint === '127.0.0.1:9042') provider.kept = this.obtained
          super.succeed()
        }
      })(this, scenario, endpoint, name)
    }
  }
}

function keepingFailures(): typeof ReferenceProvider {
  return class extends ReferenceProvider {
    failure: Error | undefined
    override start(scenario: Scenario, endpoint: string, name: string) {
      const provider = this
      return new (class extends ReferenceAuthenticator {
        override async obtain(): Promise<unknown> {
          if (provider.failure) throw provider.failure
          return super.obtain().catch((reason) => {
            provider.failure = this.wrap(reason)
            throw reason
          })
        }
      })(this, scenario, endpoint, name)
    }
  }
}

function oneAfterAnother(): typeof ReferenceProvider {
  return class extends ReferenceProvider {
    queue: Promise<unknown> = Promise.resolve()
    override start(scenario: Scenario, endpoint: string, name: string) {
      const provider = this
      return new (class extends ReferenceAuthenticator {
        override obtain(): Promise<unknown> {
          const turn = provider.queue.then(() => super.obtain())
          provider.queue = turn.then(
            () => undefined,
            () => undefined,
          )
          return turn
        }
      })(this, scenario, endpoint, name)
    }
  }
}
