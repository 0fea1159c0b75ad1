/** The common part of the changes of a password: only the place of the password differs. */
import { cutWhileLoggingIn } from './patterns.mjs'

/**
 * @param {{ user: import('../client/users.mjs').PasswordUser, title: string, about: string }} change
 * @returns {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>}
 */
export function passwordChange({ user, title, about }) {
  return {
    title,
    about,
    undo: 'Nothing: the new password stays.',
    touches: [user],
    explains: {
      refused: { channel: 'exchange', user, outcome: ['refused'] },
      fetched: { channel: 'credentials', user, outcome: ['success'] },
      'logged in': { channel: 'exchange', user, outcome: ['success'], each: 'node' },
    },
    allows: [{ channel: 'exchange', user, outcome: ['refused'] }, cutWhileLoggingIn],
    controlMayFail: null,
    async run(lab) {
      const login = lab.accounts.nextLogin(user)
      await lab.accounts.accept(user, login)
      await lab.cut({ user })
      await lab.seen('refused')
      lab.mark()
      await lab.put(user)
      await lab.seen('fetched')
      // A login before all nodes had the new password proves nothing.
      lab.mark()
      await lab.cut({ user })
      await lab.seen('logged in')
    },
  }
}
