/** Logins with a mechanism to a real Cassandra of any version. */
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
 * The tests for each mechanism: the accounts of `sasl/users.mjs`, wrong credentials, and other roles. The lab has the roles of
 * `rolesOfLogins`. The last one can log in, but nobody may act as it.
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

  // CRAM-MD5 has no place for a role, and Kafka accepts only the user's own name.
  if (mechanism !== 'CRAM-MD5' && provider !== 'kafka') {
    testOf('a role that is allowed, and a role that is not', async () => {
      const { lab, tables } = place()
      serve()
      await logsInAs(lab, tables, { ...alice, authorizationId: 'admin' }, 'admin')
      await failsWith(lab, { ...alice, authorizationId: 'other' }, 'LOGIN_REFUSED')
    })
  }

  if (isMutual(mechanism)) {
    testOf('the proof of the server in its success, which the driver drops', async () => {
      const { lab, tables, tls } = place()
      serve({ proof: 'success' })
      await failsWith(lab, alice, 'SERVER_NOT_VERIFIED')
      await logsInAs(lab, tables, { ...alice, serverVerification: 'when-sent' }, 'alice')
      // Over TLS with a profile, the connection record sees it anyway, and it is verified. RFC 5802 §6 requires `y,,`
      // there, but Kafka's grammar does not have it.
      if (tls) await logsInAs(lab, tables, alice, 'alice', tls)
    })
  }

  if (isMutual(mechanism) && !negotiates) {
    testOf(
      'the proof for a client that sees every message: right in both places, and with one wrong bit',
      async () => {
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
      },
    )
  }
}

/** @typedef {Pick<import('../sasl/peer.mjs').Peer, 'open'>} Peer */

/** Changes the client's answer to a proof: it is not empty. @param {Peer} peer @returns {Peer} */
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
