import { providerRecord } from '@x/auth-core/base'
import type { ProviderSubject } from '../../src/subject.js'
import type { Mutant } from './mutant.js'
import { PlainReferenceAuthenticator, plainReferenceSubject } from './plain-reference.js'
import { authenticatorMutant, providerMutant } from './provider-mutant.js'
import {
  type Password,
  ReferenceAuthenticator,
  ReferenceProvider,
  referenceSubject,
  type Scenario,
} from './reference-provider.js'

export const contractMutants: readonly Mutant[] = [
  { breaks: 'PROV-01', subject: notOfTheClass() },
  providerMutant(
    'PROV-02',
    'throws when the server sends no name',
    class extends ReferenceProvider {
      override start(scenario: Scenario, endpoint: string, name: string) {
        if (!name) throw new TypeError('no authenticator')
        return super.start(scenario, endpoint, name)
      }
    },
  ),
  authenticatorMutant(
    'PROV-03',
    'splits the endpoint at its first colon',
    class extends ReferenceAuthenticator {
      override context() {
        const [address = '', port] = this.endpoint.split(':')
        return { ...super.context(), address, port: Number(port) }
      }
    },
  ),
  providerMutant('PROV-04', 'uses an authenticator again for the same endpoint', reusing()),
  authenticatorMutant(
    'PROV-05',
    'adds a NUL that servers happen to ignore',
    class extends ReferenceAuthenticator {
      override answer(challenge: Uint8Array): Buffer {
        return Buffer.concat([super.answer(challenge), Buffer.of(0)])
      }
    },
  ),
  authenticatorMutant(
    'PROV-06',
    'sends a null token where there is nothing to say',
    class extends ReferenceAuthenticator {
      override first(): Buffer {
        return null as unknown as Buffer
      }
    },
  ),
  { breaks: 'PROV-08', subject: referenceSubject('PROV-08: is of a class without a name', nameless()) },
  {
    breaks: 'PROV-07',
    subject: plainReferenceSubject(
      'PROV-07: keeps its user name from the driver',
      class extends PlainReferenceAuthenticator {
        override get username(): undefined {
          return undefined
        }
      },
    ),
  },
]

function notOfTheClass(): ProviderSubject<Password> {
  const subject = referenceSubject('PROV-01: is not an instance of AuthProvider', ReferenceProvider)
  return {
    ...subject,
    create(scenario) {
      const provider = new ReferenceProvider(scenario)
      return {
        newAuthenticator: (endpoint, name) => provider.newAuthenticator(endpoint, name),
        [providerRecord]: provider[providerRecord],
      }
    },
  }
}

function reusing(): typeof ReferenceProvider {
  return class extends ReferenceProvider {
    readonly used = new Map<string, ReferenceAuthenticator>()
    override start(scenario: Scenario, endpoint: string, name: string) {
      const used = this.used.get(endpoint)
      // With a source another clause would notice too.
      if (used?.outcome === 'success' && typeof scenario.credentials !== 'function') return used
      const fresh = new ReferenceAuthenticator(this, scenario, endpoint, name)
      this.used.set(endpoint, fresh)
      return fresh
    }
  }
}

/** A class without a name, as minifiers make them. */
function nameless(): typeof ReferenceProvider {
  return (() => class extends ReferenceProvider {})()
}
