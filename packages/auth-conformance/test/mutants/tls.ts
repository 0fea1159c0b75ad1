import {
  checkServerIdentity,
  createSecureContext,
  type PeerCertificate,
  type SecureContextOptions,
} from 'node:tls'
import { suiteCertificates } from '../../src/tls/certificates.js'
import type { TlsScenario, TlsSubject } from '../../src/tls/subject.js'
import type { Mutant } from './mutant.js'

/** Options that keep every promise of the suite. */
function reference({ ca, clientCertificate }: TlsScenario, changes: SecureContextOptions = {}): object {
  const secureContext = createSecureContext({ ca, minVersion: 'TLSv1.2', ...clientCertificate, ...changes })
  return { secureContext, rejectUnauthorized: true }
}

function subject(name: string, create: TlsSubject['create']): TlsSubject {
  return { kind: 'tls', name, traits: { chain: true, name: true, clientCertificate: true }, create }
}

function mutant(breaks: string, flaw: string, create: TlsSubject['create']): Mutant {
  return { breaks, subject: subject(`${breaks}: ${flaw}`, create) }
}

export const tlsMutants: readonly Mutant[] = [
  mutant('TLS-01', 'lets its first connection through and no other', (scenario) => {
    let connections = 0
    const refused = new Error('one connection must do')
    return {
      ...reference(scenario),
      checkServerIdentity: (host: string, certificate: PeerCertificate) =>
        ++connections > 1 ? refused : checkServerIdentity(host, certificate),
    }
  }),
  mutant('TLS-02', 'trusts an authority that nobody asked it to', async (scenario) => {
    const { stranger } = await suiteCertificates()
    return reference(scenario, { ca: [scenario.ca, stranger.certPem] })
  }),
  mutant('TLS-03', 'does not look at names', (scenario) => ({
    ...reference(scenario),
    checkServerIdentity: () => undefined,
  })),
  mutant('TLS-04', 'speaks TLS 1.0 to whoever wants it', (scenario) =>
    reference(scenario, { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }),
  ),
  mutant('TLS-05', 'keeps its certificate to itself', ({ ca }) => reference({ ca })),
  mutant('TLS-10', 'makes a context for each connection', (scenario) =>
    Object.defineProperty(reference(scenario), 'secureContext', {
      enumerable: true,
      get: () =>
        createSecureContext({ ca: scenario.ca, minVersion: 'TLSv1.2', ...scenario.clientCertificate }),
    }),
  ),
  mutant('TLS-11', 'keeps the key beside its context', (scenario) => ({
    ...reference(scenario),
    key: Buffer.from(scenario.clientCertificate?.key ?? ''),
  })),
]

export const tlsReferences = [subject('the reference TLS options', (scenario) => reference(scenario))]
