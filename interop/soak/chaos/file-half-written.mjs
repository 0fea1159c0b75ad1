/** A file with a password is written slowly. */
import { writeFileSync } from 'node:fs'
import { cutWhileLoggingIn } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'a file half written',
  about:
    'Half of the new password file replaces the old one, and logins continue with the last good password. Then the nodes take the new password, and the file becomes complete.',
  undo: 'The complete file.',
  touches: ['file'],
  explains: {
    'half refused': { channel: 'credentials', user: 'file', outcome: ['failure'] },
    'logged in with the last good': { channel: 'exchange', user: 'file', outcome: ['success'], each: 'node' },
    fetched: { channel: 'credentials', user: 'file', outcome: ['success'] },
    'logged in': { channel: 'exchange', user: 'file', outcome: ['success'], each: 'node' },
  },
  allows: [
    cutWhileLoggingIn,
    { channel: 'credentials', user: 'file', outcome: ['failure', 'abandoned'] },
    { channel: 'exchange', user: 'file', outcome: ['refused'] },
  ],
  controlMayFail: null,
  async run(lab) {
    const login = lab.accounts.nextLogin('file')
    const text = JSON.stringify(login)
    writeFileSync(lab.secrets.file, text.slice(0, Math.floor(text.length / 2)))
    await lab.seen('half refused')
    lab.mark()
    await lab.cut({ user: 'file' })
    await lab.seen('logged in with the last good')
    await lab.accounts.accept('file', login)
    lab.mark()
    writeFileSync(lab.secrets.file, text)
    await lab.seen('fetched')
    lab.mark()
    await lab.cut({ user: 'file' })
    await lab.seen('logged in')
  },
}
