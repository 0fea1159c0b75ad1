/** The lease of a user that Vault has created is renewed, and then it ends. */
import assert from 'node:assert/strict'
import { cutWhileLoggingIn } from '../lib/patterns.mjs'

/** Long enough for one renewal, and too short for two. */
const term = { seconds: 12, maxSeconds: 20 }

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'leases of Vault end',
  about:
    'Vault makes a user for at most twenty seconds. Its lease is renewed, then another user is made ahead of the end, and Vault drops the first one. No login as either is refused.',
  undo: 'Nothing: the new user stays, for a day.',
  touches: ['lease', 'clock'],
  explains: {
    'short lease': { channel: 'credentials', user: 'lease', outcome: ['success'] },
    'another made': { channel: 'credentials', user: 'lease', reason: ['ahead'], outcome: ['success'] },
    'logged in': { channel: 'exchange', user: 'lease', outcome: ['success'], each: 'node' },
  },
  // Only for the user that is dropped at the start, so that the client asks Vault for a user with a short lease.
  allows: [{ channel: 'exchange', user: 'lease', outcome: ['refused'] }, cutWhileLoggingIn],
  controlMayFail: null,
  async run(lab) {
    const { store } = lab.secrets
    store.lendFor(term)
    await store.revoke()
    await lab.cut({ user: 'lease' })
    await lab.seen('short lease')
    await lab.healed()
    const short = store.lease() ?? assert.fail()
    store.lendFor()
    const from = lab.heard.length
    await lab.until(
      () => store.lease() !== short,
      () => `no other user is made ahead of the end, after ${short.renewals} renewals`,
    )
    assert.ok(short.renewals > 0)
    await lab.seen('another made')
    await short.ended
    lab.mark()
    await lab.cut({ user: 'lease' })
    await lab.seen('logged in')
    const refused = lab.heard
      .slice(from)
      .filter(({ user, outcome }) => user === 'lease' && outcome === 'refused')
    assert.deepEqual(refused, [])
  },
}
