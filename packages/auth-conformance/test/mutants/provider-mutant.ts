import type { DriverAuthenticator } from '@x/auth-core/base'
import type { Mutant } from './mutant.js'
import {
  type ReferenceAuthenticator,
  ReferenceProvider,
  referenceSubject,
  type Scenario,
} from './reference-provider.js'

/** A mutant of the reference provider itself. */
export function providerMutant(breaks: string, flaw: string, Provider: typeof ReferenceProvider): Mutant {
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
