import { BaseAuthProvider } from '@x/auth-core/base'
import { readOptions } from './lib/read-options.js'
import type { SaslAuthOptions } from './options.js'

/**
 * Logs in with a SASL mechanism: `new SaslAuthProvider({ mechanism: 'SCRAM-SHA-256', username, password })`. Which options
 * there are depends on the mechanism; each field of the credentials is a value or a function, or `credentials` gives all.
 * `mechanism` can be an object of your own. With DseAuthenticator the mechanism is negotiated by its name.
 *
 * Errors at construction: MECHANISM_UNKNOWN, OPTION_INVALID, OPTIONS_CONTRADICT, and for credentials that are values
 * CREDENTIALS_INVALID and SASLPREP_PROHIBITED.
 */
export class SaslAuthProvider extends BaseAuthProvider<object> {
  constructor(options: SaslAuthOptions) {
    const { mechanism, credentials, provider } = readOptions(options)
    super({
      ...provider,
      mechanisms: [mechanism],
      credentials,
    })
  }
}
