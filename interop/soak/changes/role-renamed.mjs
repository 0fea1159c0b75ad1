/** A client logs in as another role. */
import { cutWhileLoggingIn } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'a role renamed',
  about:
    'A second role is created, and the file names it. All connections end, one node after the other, and the first role is dropped.',
  undo: 'The next time: the names go back and forth.',
  touches: ['file', 'nodes', 'network'],
  explains: {
    fetched: { channel: 'credentials', user: 'file', outcome: ['success'] },
    'logged in': { channel: 'exchange', user: 'file', outcome: ['success'], each: 'node' },
  },
  allows: [cutWhileLoggingIn],
  controlMayFail: null,
  async run(lab) {
    const { username: before } = lab.accounts.logins.file
    const username = before === 'app_file' ? 'app_file_2' : 'app_file'
    const login = { ...lab.accounts.nextLogin('file'), username }
    await lab.say(
      `CREATE ROLE IF NOT EXISTS ${username} WITH PASSWORD = '${login.password}' AND LOGIN = true`,
    )
    await lab.accounts.accept('file', login)
    await lab.put('file')
    await lab.seen('fetched')
    lab.mark()
    // No connection may keep the old role.
    for (const node of [0, 1, 2]) {
      await lab.cut({ user: 'file', node, keep: 0 })
      await lab.healed()
    }
    await lab.seen('logged in')
    await lab.say(`DROP ROLE IF EXISTS ${before}`)
  },
}
