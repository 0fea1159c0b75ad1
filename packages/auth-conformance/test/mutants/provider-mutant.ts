import type { DriverAuthenticator } from '@x/auth-core/base'
import type { Mutant } from './mutant.js'
import {
  type ReferenceAuthenticator,
  ReferenceProvider,
  referenceSubject,
  type Scenario,
} from './reference-provider.js'

/** A mutant of the reference provider itself. Its class gets a name if it has none. */
export function providerMutant(breaks: string, flaw: string, Provider: typeof ReferenceProvider): Mutant {
  if (Provider.name === '') Object.defineProperty(Provider, 'name', { value: 'MutantProvider' })
  return { breaks, subject: referenceSubject(`${breaks}: ${flaw}`, Provider) }
}

/** A mutant of its authenticator. */
export function authenticatorMutant(
  breaks: string,
  flaw: string,
  Authenticator: typeof ReferenceAuthenticator,
): Mutant {
  return providerMutant(
    breaks,
    flaw,
    class extends ReferenceProvider {
      override start(scenario: Scenario, endpoint: string, name: string): DriverAuthenticator {
        return new Authenticator(this, scenario, endpoint, name)
      }
    },
  )
}
