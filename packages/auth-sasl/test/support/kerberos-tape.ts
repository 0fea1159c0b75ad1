import type { KerberosModule } from '../../src/index.js'
import type { Vector } from './vector.js'

/**
 * npm `kerberos` as it was when an exchange was recorded: it gives the recorded messages, and like the library refuses any byte
 * of the server that is another.
 */
export function kerberosTape({ exchange, credentials, kerberos }: Vector): KerberosModule {
  const [ticket, reply, , offer, choice] = exchange.map(({ bytes }) => bytes.toString('base64'))
  return {
    async initializeClient() {
      let messages = 0
      return {
        get contextComplete() {
          return messages > 1
        },
        async step(challenge) {
          if (challenge !== (messages === 0 ? '' : reply))
            throw new Error('Invalid token was supplied: Success')
          messages++
          return messages === 1 ? String(ticket) : null
        },
        async unwrap(challenge) {
          if (challenge === offer) return Buffer.from(kerberos?.offer ?? '', 'hex').toString('base64')
          throw new Error('A token had an invalid Message Integrity Check (MIC): Success')
        },
        async wrap(challenge, { user }) {
          expect([challenge, user]).toEqual(['AAAAAA==', credentials['authorizationId'] ?? ''])
          return String(choice)
        },
      }
    },
  }
}
