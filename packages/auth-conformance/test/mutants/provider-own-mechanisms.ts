/** Providers that take mechanisms of others: that of core, and mutants that change the given mechanism. */
import { BaseAuthProvider, type ClientStep, type ExchangeContext, type Mechanism } from '@x/auth-core/base'
import type { ProviderSubject } from '../../src/subject.js'
import type { Mutant } from './mutant.js'
import { type Password, ReferenceProvider, referenceSubject } from './reference-provider.js'

type Make = NonNullable<ProviderSubject['ofMechanisms']>

class Provider extends BaseAuthProvider<object> {}

const reference: Make = (mechanisms) => new Provider({ mechanisms, credentials: {} })

function subject(name: string, ofMechanisms: Make): ProviderSubject<Password> {
  return { ...referenceSubject(name, ReferenceProvider), ofMechanisms }
}

function mutant(breaks: string, flaw: string, ofMechanisms: Make): Mutant {
  return { breaks, subject: subject(`${breaks}: ${flaw}`, ofMechanisms) }
}

/** A mutant that changes each mechanism before it is used. */
function changing(breaks: string, flaw: string, change: (given: Mechanism<unknown>) => object): Mutant {
  return mutant(breaks, flaw, (mechanisms) =>
    reference(
      mechanisms.map((given) => ({
        ...partsOf(given),
        ...change(given),
      })) as unknown as Parameters<Make>[0],
    ),
  )
}

function partsOf(given: Mechanism<unknown>): object {
  const { name, clientFirst, mutual, cleartext, spec, unavailable, hearsay } = given
  return {
    ...{ name, clientFirst, mutual, cleartext, spec, unavailable, hearsay },
    parseCredentials: given.parseCredentials.bind(given),
    converse: given.converse.bind(given),
  }
}

export const ownMechanismReferences = [subject('the reference provider with mechanisms of others', reference)]

export const ownMechanismMutants: readonly Mutant[] = [
  changing('PROV-95', 'looks for mutual on the mechanism itself', (given) => ({
    mutual: Object.hasOwn(given, 'mutual') && given.mutual,
  })),
  changing('PROV-96', 'takes a thenable for a verdict', (given) => ({
    async *converse(credentials: unknown, context: ExchangeContext) {
      const conversation = given.converse(credentials, context)
      let step: IteratorResult<ClientStep, void> = await conversation.next(null)
      while (!step.done) {
        const { token, onSuccess } = step.value
        const verdict = (received: never) => {
          const own: unknown = onSuccess?.(received)
          return typeof (own as { then?: unknown } | undefined)?.then === 'function' ? undefined : own
        }
        step = await conversation.next(yield onSuccess ? { token, onSuccess: verdict } : step.value)
      }
    },
  })),
  changing('PROV-97', 'takes silence for a promise', ({ cleartext = false }) => ({ cleartext })),
  mutant('PROV-98', 'lets the class name choose', (mechanisms) => {
    const all = reference(mechanisms)
    const last = reference([mechanisms.at(-1) as Mechanism<unknown>])
    const begin = all.newAuthenticator.bind(all)
    all.newAuthenticator = (endpoint, name) =>
      name.endsWith('.PasswordAuthenticator') ? last.newAuthenticator(endpoint, name) : begin(endpoint, name)
    return all
  }),
  changing('PROV-99', 'believes whatever it hears', () => ({ hearsay: undefined })),
]
