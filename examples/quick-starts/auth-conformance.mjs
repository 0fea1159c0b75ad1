import { formatResults, providerSuite, summarize } from '@x/auth-conformance'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { passwordAuthenticator } from '@x/auth-testserver'

const results = []
for await (const result of providerSuite({
  kind: 'provider',
  name: 'PlainTextAuthProvider',
  traits: { credentials: 'value', messages: 1, cleartext: true, protocolV1: true },
  // A new user for each clause: the suite searches everywhere for the secrets.
  account: (label) => ({
    username: `user-${label}`,
    credentials: [`user-${label}`, `password-${label}`],
    secrets: [`password-${label}`],
  }),
  // A server side that accepts exactly these accounts.
  server: (accounts) => {
    const users = accounts.map(({ username, secrets }) => [username, secrets[0]])
    return passwordAuthenticator({ users: Object.fromEntries(users) })
  },
  // The provider under test: your own.
  create: ({ credentials, deadlineMs }) => {
    const [username, password] = Array.isArray(credentials) ? credentials : []
    return new PlainTextAuthProvider({ username, password, deadlineMs })
  },
})) {
  results.push(result)
}

console.log(formatResults(results))
if (summarize(results).mustFailed > 0) throw new Error('a promise is broken')
console.log('every promise is kept')
