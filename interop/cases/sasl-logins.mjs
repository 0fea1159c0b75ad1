/** Logins by a mechanism to a real Cassandra, whichever its version. */
import assert from 'node:assert/strict'
import { SaslAuthProvider } from '@x/auth-sasl'
import { failsWith, logsInAs, withCqlPeer } from '../authenticator/logins.mjs'
import { matrixTest } from '../lib/matrix.mjs'
import { converse, flipBit, isProof } from '../sasl/conversation.mjs'
import { isMutual } from '../sasl/pairs.mjs'
import { login } from '../sasl/users.mjs'

/** @typedef {import('../authenticator/logins.mjs').Lab} Lab */

export const rolesOfLogins = ['alice', 'admin', 'other']

/**
 * What each mechanism is tested with: the accounts of `sasl/users.mjs`, credentials that are wrong, and other roles. The lab has the
 * roles of `rolesOfLogins`; nobody may act as the last one, which could log in.
 * @param {{ mechanism: string, provider?: 'jdk' | 'elytron' | 'kafka' }} what
 * @param {{ server: string, place(): { lab: Lab, tables: Map<string, string>, tls?: import('../authenticator/logins.mjs').ClientOptions }, negotiates: boolean }} where `tls`: a profile
 */
export function passwordLoginTests({ mechanism, provider }, { server, place, negotiates }) {
  const by = `${mechanism}${provider ? ` by ${provider}` : ''}, ${negotiates ? 'negotiated' : 'fixed'}`
  const alice = { mechanism, ...login('alice') }
  /** @param {{ proof?: 'challenge' | 'success' }} [more] */
  const serve = (more = {}) =>
    place().lab.serve({
      ...(negotiates ? { negotiate: [mechanism, 'NOT-A-REAL-ONE'] } : { mechanism }),
      ...(provider && { provider }),
      ...more,
    })
  /** @param {string} name @param {() => Promise<unknown>} run */
  const testOf = (name, run) => matrixTest({ mechanism, server }, `${by}: ${name}`, run)

  testOf('three connections, each with its role', async () => {
    const { lab, tables } = place()
    serve()
    await logsInAs(lab, tables, alice, 'alice')
  })

  testOf('a wrong password is refused', async () => {
    serve()
    await failsWith(place().lab, { ...alice, password: 'wonder' }, 'LOGIN_REFUSED')
    await failsWith(place().lab, { ...alice, username: 'mallory' }, 'LOGIN_REFUSED')
  })

  // CRAM-MD5 has no place for one, and Kafka takes the own name only.
  if (mechanism !== 'CRAM-MD5' && provider !== 'kafka') {
    testOf('a role that is allowed, and one that is not', async () => {
      const { lab, tables } = place()
      serve()
      await logsInAs(lab, tables, { ...alice, authorizationId: 'admin' }, 'admin')
      await failsWith(lab, { ...alice, authorizationId: 'other' }, 'LOGIN_REFUSED')
    })
  }

  if (isMutual(mechanism)) {
    testOf('the proof of the server with its success, which the driver drops', async () => {
      const { lab, tables, tls } = place()
      serve({ proof: 'success' })
      await failsWith(lab, alice, 'SERVER_NOT_VERIFIED')
      await logsInAs(lab, tables, { ...alice, serverVerification: 'when-sent' }, 'alice')
      // Over TLS of a profile it is seen anyway, and verified. Kafka's grammar has no `y,,`, which RFC 5802 §6 asks for.
      if (tls) await logsInAs(lab, tables, alice, 'alice', tls)
    })
  }

  if (isMutual(mechanism) && !negotiates) {
    testOf('the proof where a client hears all: right in both places, and with one wrong bit', async () => {
      const client = new SaslAuthProvider(
        /** @type {any} */ ({ ...alice, ...(mechanism === 'DIGEST-MD5' && { host: '127.0.0.1' }) }),
      )
      await withCqlPeer(place().lab, async (peer) => {
        for (const proof of /** @type {const} */ (['challenge', 'success'])) {
          serve({ proof })
          const { outcome, last } = await converse(peer, { mechanism }, client)
          assert.deepEqual({ outcome, last }, { outcome: 'logged in as somebody', last: proof })
          const wrong = await converse(peer, { mechanism }, client, { change: flipBit })
          assert.equal(wrong.outcome, 'SERVER_NOT_VERIFIED')
        }
        serve({ proof: 'challenge' })
        const talkative = await converse(answeringProofs(peer), { mechanism }, client)
        assert.equal(talkative.outcome, 'refused', 'an answer to a proof has zero bytes')
      })
    })
  }
}

/** @typedef {Pick<import('../sasl/peer.mjs').Peer, 'open'>} Peer */

/** Between client and server: an answer to a proof says something. @param {Peer} peer @returns {Peer} */
function answeringProofs(peer) {
  return {
    async open(opening) {
      const exchange = await peer.open(opening)
      let proven = false
      return {
        async step(token) {
          const reply = await exchange.step(proven ? Buffer.from('something') : token)
          proven = 'challenge' in reply && isProof(reply.challenge)
          return reply
        },
      }
    },
  }
}
