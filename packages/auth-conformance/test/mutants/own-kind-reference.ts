import { authError, type DriverAuthenticator } from '@x/auth-core/base'
import type { ProviderSubject } from '../../src/subject.js'
import {
  type Password,
  ReferenceAuthenticator,
  ReferenceProvider,
  referenceSubject,
  type Scenario,
} from './reference-provider.js'

/** The reference, but without a list it answers only its own authenticator. */
export class OwnKindAuthenticator extends ReferenceAuthenticator {
  get ofItsKind(): boolean {
    return this.authenticator === 'org.example.ReferenceAuthenticator'
  }

  override checkAuthenticator(): void {
    if (this.scenario().authenticators) return super.checkAuthenticator()
    if (!this.ofItsKind) throw authError('AUTHENTICATOR_NOT_ALLOWED', undefined, this.details)
  }
}

export function ownKindSubject(
  name: string,
  Authenticator: typeof OwnKindAuthenticator,
): ProviderSubject<Password> {
  class OwnKindProvider extends ReferenceProvider {
    override start(scenario: Scenario, endpoint: string, authenticator: string): DriverAuthenticator {
      return new Authenticator(this, scenario, endpoint, authenticator)
    }
  }
  const subject = referenceSubject(name, OwnKindProvider)
  return { ...subject, traits: { ...subject.traits, ownKindOnly: true } }
}
