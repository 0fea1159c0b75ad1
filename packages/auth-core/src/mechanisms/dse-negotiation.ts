import { isUtf8 } from 'node:buffer'
import { authError } from '../errors.js'
import { mechanismSnapshot } from '../lib/login/snapshot.js'
import { type ClientStep, type Mechanism, type ServerToken, send } from '../mechanism.js'
import { quotable } from '../quotable.js'

/**
 * The negotiation of DataStax Enterprise's DseAuthenticator around a mechanism: the client names the mechanism,
 * the server answers `<name>-START`, then the mechanism's own exchange follows.
 *
 * The mechanism makes its first message before its name is sent: a mechanism that cannot begin here, for example
 * without a Kerberos ticket, says so while another can still be named. Errors: CHALLENGE_INVALID, whose
 * `details.answer` is what the server said instead of START.
 */
export function dseNegotiated<C>(given: Mechanism<C>): Mechanism<C> {
  const mechanism = mechanismSnapshot(given)
  const { name } = mechanism
  const wrapped: Pick<Mechanism<unknown>, 'converse'> = {
    async *converse(credentials, context) {
      const conversation = mechanism.converse(credentials as C, context)
      try {
        let step: IteratorResult<ClientStep, void> = await conversation.next(null)
        requireStart(name, yield send(Buffer.from(name)))
        while (!step.done) step = await conversation.next(yield step.value)
      } finally {
        await conversation.return(undefined)
      }
    },
  }
  return { ...mechanism, ...wrapped } as Mechanism<C>
}

/** Whether an authenticator's class name asks for this negotiation; DSE's own drivers decide by it too. */
export function isDseAuthenticator(authenticator: string): boolean {
  return authenticator === 'com.datastax.bdp.cassandra.auth.DseAuthenticator'
}

function requireStart(name: string, answer: ServerToken): void {
  if (answer !== null && Buffer.from(answer).equals(Buffer.from(`${name}-START`))) return
  const said = saidInstead(answer)
  throw authError(
    'CHALLENGE_INVALID',
    `The server must answer the offer of ${name} with ${name}-START, but it ${said}.`,
    { details: { answer: said } },
  )
}

/** The offer was not a secret, so the answer to it may be shown. */
function saidInstead(answer: ServerToken): string {
  if (answer === null) return 'sent no token'
  if (answer.length === 0) return 'sent an empty token'
  if (!isUtf8(answer)) return `sent ${answer.length} bytes that are not text`
  return `said ${JSON.stringify(quotable(Buffer.from(answer).toString('utf8'), 80))}`
}
