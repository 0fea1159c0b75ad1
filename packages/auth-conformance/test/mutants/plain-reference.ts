import type { DriverAuthenticator } from '@x/auth-core/base'
import { passwordAuthenticator } from '@x/auth-testserver'
import type { ProviderSubject } from '../../src/subject.js'
import { usersOf } from './password-accounts.js'
import {
  type Password,
  ReferenceAuthenticator,
  ReferenceProvider,
  referenceSubject,
  type Scenario,
} from './reference-provider.js'

/** The reference with PLAIN instead of its own mechanism: one message, cleartext, protocol version 1. */
export class PlainReferenceAuthenticator extends ReferenceAuthenticator {
  override complete = true

  /** Whether the driver is being called back: at that moment it reads the fields of protocol version 1. */
  #asked = false

  get username(): string | undefined {
    return this.#asked ? this.account().username : undefined
  }

  get password(): string | undefined {
    return this.#asked ? this.account().password : undefined
  }

  override hand(token: Buffer): void {
    this.#asked = true
    super.hand(token)
    this.#asked = false
  }

  override first(): Buffer {
    return Buffer.from(`\0${this.account().username}\0${this.account().password}`)
  }
}

export function plainReferenceSubject(
  name: string,
  Authenticator: typeof PlainReferenceAuthenticator,
): ProviderSubject<Password> {
  class PlainReferenceProvider extends ReferenceProvider {
    override start(scenario: Scenario, endpoint: string, authenticator: string): DriverAuthenticator {
      return new Authenticator(this, scenario, endpoint, authenticator)
    }
    override get cleartext(): boolean {
      return true
    }
  }
  const { vectors: _vectors, ...subject } = referenceSubject(name, PlainReferenceProvider)
  return {
    ...subject,
    traits: { ...subject.traits, messages: 1, cleartext: true, protocolV1: true },
    server: (accounts) => passwordAuthenticator({ users: usersOf(accounts) }),
  }
}
