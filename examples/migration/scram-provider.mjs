/** The one provider of a client whose cluster goes from passwords to SCRAM: interop/suites/cassandra-migration.mjs runs it, too. */
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
    // A node chooses, by what it calls itself, whether it gets the password. TLS verifies that it is one of ours.
    allowDowngradeToCleartext: true,
  })
}
// #endregion provider
