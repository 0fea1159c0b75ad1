import type { AuthenticatorPattern } from '@x/auth-core'
import {
  BaseAuthProvider,
  finish,
  initially,
  type OneWayMechanism,
  optionBag,
  type ProviderOptions,
  patternsOption,
  providerOptions,
  readOptions,
  refuseMore,
  type Spec,
} from '@x/auth-core/base'

export interface TransitionalAuthOptions extends ProviderOptions {
  /**
   * The authenticators that are known to let in clients without credentials. Default: DSE's DseAuthenticator and
   * TransitionalAuthenticator, HCD's AdvancedAuthenticator, ScyllaDB's TransitionalAuthenticator; any other is refused with
   * AUTHENTICATOR_NOT_ALLOWED.
   */
  readonly authenticators?: readonly AuthenticatorPattern[] | undefined
}

const scylla = 'com.scylladb.auth.TransitionalAuthenticator'

const inTransition: readonly AuthenticatorPattern[] = [
  'com.datastax.bdp.cassandra.auth.DseAuthenticator',
  'com.datastax.bdp.cassandra.auth.TransitionalAuthenticator',
  'com.datastax.cassandra.auth.AdvancedAuthenticator',
  scylla,
]

export const transitionalBag = optionBag('TransitionalAuthProvider', {
  ...providerOptions,
  authenticators: initially(
    inTransition,
    patternsOption,
    'These are known to let in a client without credentials. Any other would reject it, or should get a real password.',
    'DseAuthenticator, TransitionalAuthenticator (DSE, ScyllaDB), AdvancedAuthenticator',
  ),
} satisfies Spec<TransitionalAuthOptions>)

/** PLAIN without a user. */
export const nobody: OneWayMechanism<undefined> = {
  name: 'PLAIN',
  clientFirst: true,
  mutual: false,
  // There is no secret to read.
  cleartext: false,
  spec: 'RFC 4616',
  weakness: 'Nobody logs in: anyone who reaches the server has the same rights as this client.',

  parseCredentials: () => undefined,

  async *converse(_nobody, { authenticator }) {
    yield finish(authenticator === scylla ? wrongPair : blank)
  },
}

/** What the Python driver sends, and what DSE treats as anonymous in all of its transitional modes. */
const blank = Buffer.from('\0\0')

/**
 * ScyllaDB treats a wrong password as anonymous. Its reader (auth/sasl_challenge.cc) reports empty fields as missing,
 * and TransitionalAuthenticator uses them anyway; a pair that is not empty avoids this.
 */
const wrongPair = Buffer.from('\0anonymous\0anonymous')

/**
 * For clusters on the way to authentication: logs in as nobody, while the server lets everybody in as the role
 * anonymous. DSE's transitional_mode gets the empty user name and password that the Python driver's
 * TransitionalModePlainTextAuthProvider sends, ScyllaDB's TransitionalAuthenticator gets a pair that no user has.
 *
 * `new TransitionalAuthProvider()`. The client then has no identity: use PlainTextAuthProvider with real credentials as
 * soon as there are some; servers in transition accept both.
 *
 * Errors at construction: OPTION_INVALID. Errors at a login: AUTHENTICATOR_NOT_ALLOWED if the server is no longer in
 * transition.
 */
export class TransitionalAuthProvider extends BaseAuthProvider<object> {
  constructor(options?: TransitionalAuthOptions)
  constructor(options?: TransitionalAuthOptions, ...more: readonly unknown[]) {
    refuseMore('TransitionalAuthProvider', more)
    super({ ...readOptions(transitionalBag, options), mechanisms: [nobody], credentials: {} })
  }
}
