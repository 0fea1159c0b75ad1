/** The provider of a client whose cluster changes from passwords to SCRAM. interop/suites/cassandra-migration.mjs runs it too. */
// #region provider
import { migrate } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { SaslAuthProvider } from '@x/auth-sasl'

/** @param {{ username: string, password: string }} login */
export function passwordToScram({ username, password }) {
  return migrate({
    oldWay: {
      authenticator: 'PasswordAuthenticator',
      provider: new PlainTextAuthProvider(username, password),
    },
    newWay: {
      authenticator: 'SaslAuthenticator',
      provider: new SaslAuthProvider({ mechanism: 'SCRAM-SHA-256', username, password }),
    },
    // The authenticator that a node names decides whether the node gets the password. TLS verifies that the node is one
    // of ours.
    allowDowngradeToCleartext: true,
  })
}
// #endregion provider
