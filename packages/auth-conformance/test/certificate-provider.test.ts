/** Runs the suite on the only provider of auth-core. auth-core itself must not know this package. */
import { CertificateAuthProvider } from '@x/auth-core'
import { mutualTlsAuthenticator } from '@x/auth-testserver'
import type { ProviderSubject } from '../src/subject.js'
import { providerSuite } from '../src/suites.js'

/** A certificate belongs to the connection and not to the login, so all accounts have the same one here. */
const identity = 'spiffe://test.example/app'

const certificate: ProviderSubject = {
  kind: 'provider',
  name: 'CertificateAuthProvider',
  traits: { credentials: 'value', messages: 1, cleartext: false, authenticators: true, ownKindOnly: true },
  account: (label) => ({ username: `role-${label}`, credentials: {}, secrets: [] }),
  server: ([account]) =>
    mutualTlsAuthenticator({
      identities: { [identity]: account?.username ?? '' },
      identify: () => identity,
    }),
  create: ({ credentials: _none, ...options }) => new CertificateAuthProvider(options),
  vectors: ['MutualTlsAuthenticator', 'MutualTlsWithPasswordFallbackAuthenticator'].map((name) => ({
    name: `what ${name} of Cassandra 5.0 needs`,
    credentials: {},
    authenticator: `org.apache.cassandra.auth.${name}`,
    messages: [{ from: 'client', hex: '' }],
  })),
}

providerSuite(certificate, { describe, test })
