import { authError } from '../errors.js'
import { type Mechanism, send } from '../mechanism.js'

/**
 * The negotiation of DataStax Enterprise's DseAuthenticator around a mechanism: the client names the mechanism,
 * the server answers `<name>-START`, then the mechanism's own exchange follows.
 */
export function dseNegotiated<C>(mechanism: Mechanism<C>): Mechanism<C> {
  const wrapped: Pick<Mechanism<unknown>, 'converse'> = {
    async *converse(credentials, context) {
      const answer = yield send(Buffer.from(mechanism.name, 'utf8'))
      if (answer === null || Buffer.from(answer).toString('utf8') !== `${mechanism.name}-START`) {
        throw authError(
          'CHALLENGE_INVALID',
          `The server did not answer the offer of ${mechanism.name} with its START.`,
        )
      }
      yield* mechanism.converse(credentials as C, context)
    },
  }
  return { ...mechanism, ...wrapped } as Mechanism<C>
}

/** Whether an authenticator's class name asks for this negotiation. */
export function isDseAuthenticator(authenticator: string): boolean {
  return authenticator === 'com.datastax.bdp.cassandra.auth.DseAuthenticator'
}
