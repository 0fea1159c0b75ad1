import type { Mutant } from './mutant.js'
import { authenticatorMutant, providerMutant } from './provider-mutant.js'
import { ReferenceAuthenticator, ReferenceProvider, type Scenario } from './reference-provider.js'

/** Does something else with some of what a source may reject with. */
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
        const startedAt = Date.now()
        return super.obtain().catch((reason) => {
          const uncaught = !this.outcome && Date.now() - startedAt > 700
          if (uncaught) void Promise.reject(reason)
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
        // The first answer is thrown away: what matters is that nobody catches.
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
        // A throw is told from a rejection: the await has a catch of its own, the call has not.
        const answer = credentials(this.context())
        return Promise.resolve(answer).catch((reason) => {
          if (reason instanceof Error) return new Promise(() => {})
          throw reason
        })
      }
    },
  ),
  onRejection('PROV-42', 'passes a string on as it is', (self, reason) => {
    if (typeof reason !== 'string') return false
    self.callback(reason as unknown as Error)
    return true
  }),
  onRejection('PROV-43', 'passes undefined on as it is', (self, reason) => {
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
        const shape = account as { username?: unknown; password?: unknown } | undefined
        return super.parse(
          shape && { ...shape, username: String(shape.username), password: String(shape.password) },
        )
      }
    },
  ),
  authenticatorMutant(
    'PROV-46',
    'does not look at expiresAt',
    class extends ReferenceAuthenticator {
      override checkExpiry(): void {}
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
  providerMutant('PROV-49', 'asks its source for one connection after another', oneAfterAnother()),
]

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
