import { negotiatedName, negotiation } from '../../src/lib/login/authenticator-negotiation.js'

test('the names of CEP-50, as its pull request and CASSJAVA-127 have them', () => {
  expect(negotiation).toEqual({ supported: 'AUTHENTICATORS', startup: 'AUTHENTICATORS', separator: ',' })
})

test.each([
  ['org.apache.cassandra.auth.PasswordAuthenticator', 'password'],
  ['org.apache.cassandra.auth.MutualTlsAuthenticator', 'mutualtls'],
  ['org.example.Authenticator', 'org.example.Authenticator'],
  ['constructor', 'constructor'],
])('%s is offered as %s', (className, name) => {
  expect(negotiatedName(className)).toBe(name)
})
