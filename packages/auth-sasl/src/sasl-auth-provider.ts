import { BaseAuthProvider, refuseMore } from '@x/auth-core/base'
import { providerOptionsOf } from './lib/provider-options.js'
import type { SaslAuthOptions, SaslListOptions } from './options.js'

/**
 * Logs in with a SASL mechanism: `new SaslAuthProvider({ mechanism: 'SCRAM-SHA-256', username, password })`. Which options
 * there are depends on the mechanism; each field of the credentials is a value or a function, or `credentials` gives all.
 * `mechanism` can be an object of your own. With DseAuthenticator the mechanism is negotiated by its name.
 *
 * Several, in order of preference: `new SaslAuthProvider({ mechanisms: [{ mechanism: 'GSSAPI' }, { mechanism: 'PLAIN',
 * … }] })`. No server offers a list, and the driver does not tell a provider about a refusal, so the choice is made
 * here: the first mechanism that the authenticator may accept and that works on this machine. The next one is tried if
 * there are no credentials (CREDENTIALS_NOT_CONFIGURED, no Kerberos ticket) or npm kerberos is missing; any other
 * failure ends the login. Words of a server or a KDC never lead past a mechanism that keeps its secret off the wire to
 * one that sends it readable (DOWNGRADE_REFUSED), unless `allowDowngradeToCleartext` is true.
 *
 * Errors at construction: MECHANISM_UNKNOWN, OPTION_INVALID, OPTIONS_CONTRADICT, and for credentials that are values
 * CREDENTIALS_INVALID and SASLPREP_PROHIBITED. With a list: NO_MECHANISM_AVAILABLE, DOWNGRADE_REFUSED.
 */
export class SaslAuthProvider extends BaseAuthProvider<object> {
  constructor(options: SaslAuthOptions | SaslListOptions)
  constructor(options: SaslAuthOptions | SaslListOptions, ...more: readonly unknown[]) {
    refuseMore('SaslAuthProvider', more)
    super(providerOptionsOf(options))
  }
}
