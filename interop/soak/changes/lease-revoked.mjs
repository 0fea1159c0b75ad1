/** The users that Vault has created are dropped. */
import { cutWhileLoggingIn } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'leases of Vault revoked',
  about:
    'The leases of all users that Vault has made end at once, as its operator does in an emergency. Logins as a dropped user are refused, and then Vault makes another one.',
  undo: 'Nothing: the new user stays.',
  touches: ['lease'],
  explains: {
    refused: { channel: 'exchange', user: 'lease', outcome: ['refused'] },
    'another made': { channel: 'credentials', user: 'lease', outcome: ['success'] },
    'logged in': { channel: 'exchange', user: 'lease', outcome: ['success'], each: 'node' },
  },
  allows: [{ channel: 'exchange', user: 'lease', outcome: ['refused'] }, cutWhileLoggingIn],
  controlMayFail: null,
  async run(lab) {
    await lab.secrets.store.revoke()
    await lab.cut({ user: 'lease' })
    await lab.seen('refused')
    await lab.seen('another made')
    await lab.healed()
    lab.mark()
    await lab.cut({ user: 'lease' })
    await lab.seen('logged in')
  },
}
