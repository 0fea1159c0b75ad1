/** The secret store is down while its password changes. */
import { cutWhileLoggingIn } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'the secret store down',
  about:
    'The store answers 503 to everything while the nodes take another password. Logins are refused, and the cache gets no answer from the store. Then the store answers with the new password.',
  undo: 'The store answers again.',
  touches: ['store'],
  explains: {
    refused: { channel: 'exchange', user: 'store', outcome: ['refused'] },
    'store failed': { channel: 'credentials', user: 'store', outcome: ['failure'] },
    fetched: { channel: 'credentials', user: 'store', outcome: ['success'] },
    'logged in': { channel: 'exchange', user: 'store', outcome: ['success'], each: 'node' },
  },
  allows: [
    cutWhileLoggingIn,
    { channel: 'exchange', user: 'store', outcome: ['refused', 'failure'] },
    { channel: 'credentials', user: 'store', outcome: ['failure', 'abandoned'] },
  ],
  controlMayFail: null,
  async run(lab) {
    const login = lab.accounts.nextLogin('store')
    lab.secrets.store.down(true)
    await lab.accounts.accept('store', login)
    await lab.put('store')
    await lab.cut({ user: 'store' })
    await lab.seen('refused')
    await lab.seen('store failed')
    lab.mark()
    lab.secrets.store.down(false)
    await lab.seen('fetched')
    await lab.seen('logged in')
  },
}
