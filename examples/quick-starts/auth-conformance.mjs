import { formatResults, providerSuite, summarize } from '@x/auth-conformance'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { passwordAuthenticator } from '@x/auth-testserver'

const results = []
for await (const result of providerSuite({
  kind: 'provider',
  name: 'PlainTextAuthProvider',
  traits: { credentials: 'value', messages: 1, cleartext: true, protocolV1: true },
  // Somebody new for each clause: the suite looks for the secrets everywhere.
  account: (label) => ({
    username: `user-${label}`,
    credentials: [`user-${label}`, `password-${label}`],
    secrets: [`password-${label}`],
  }),
  // A server side that lets exactly these accounts in.
  server: (accounts) => {
    const users = accounts.map(({ username, secrets }) => [username, secrets[0]])
    return passwordAuthenticator({ users: Object.fromEntries(users) })
  },
  // What is under test: a provider of yours.
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
