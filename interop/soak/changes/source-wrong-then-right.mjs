/** A source has the wrong password for a while. */
import { cutWhileLoggingIn } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'a source that is wrong, then right',
  about:
    'The mounted secret gets a password that the nodes do not accept. Logins are refused, and open connections keep working. Then the secret gets the right password.',
  undo: 'The right password.',
  touches: ['folder'],
  explains: {
    'wrong one fetched': { channel: 'credentials', user: 'folder', outcome: ['success'] },
    refused: { channel: 'exchange', user: 'folder', outcome: ['refused'], each: 'node' },
    'right one fetched': { channel: 'credentials', user: 'folder', outcome: ['success'] },
    'logged in': { channel: 'exchange', user: 'folder', outcome: ['success'], each: 'node' },
  },
  allows: [{ channel: 'exchange', user: 'folder', outcome: ['refused'] }, cutWhileLoggingIn],
  controlMayFail: null,
  async run(lab) {
    await lab.put('folder', { ...lab.accounts.logins.folder, password: 'wrong' })
    await lab.seen('wrong one fetched')
    await lab.cut({ user: 'folder' })
    await lab.seen('refused')
    lab.mark()
    await lab.put('folder')
    await lab.seen('right one fetched')
    await lab.seen('logged in')
  },
}
