/** The old way is closed, and opened again. */
import assert from 'node:assert/strict'
import { cutWhileLoggingIn } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'the old way closed and opened',
  about:
    '`closeOldWay()` while a node still asks for passwords: clients send it nothing more, and open connections keep working. Then `reopenOldWay()`.',
  undo: '`reopenOldWay()`.',
  touches: ['nodes', 'network'],
  explains: {
    closed: { channel: 'migration', kind: ['closed'] },
    withheld: { channel: 'migration', node: 'chosen', kind: ['withheld'], each: 'user' },
    reopened: { channel: 'migration', kind: ['reopened'] },
    'old way': { channel: 'migration', node: 'chosen', kind: ['old-way'], each: 'user' },
    'logged in': { channel: 'exchange', node: 'chosen', outcome: ['success'], each: 'user' },
  },
  allows: [
    cutWhileLoggingIn,
    { channel: 'migration', kind: ['withheld'] },
    { channel: 'exchange', outcome: ['failure'], code: ['OLD_WAY_CLOSED'] },
  ],
  controlMayFail: null,
  async run(lab) {
    const { index } = lab.chooseNode(lab.asks.indexOf('password'))
    await lab.sides.ours.ask('oldWay', 'closeOldWay')
    await lab.seen('closed')
    await lab.cut({ node: index })
    await lab.seen('withheld')
    for (const { oldWay, sentence } of Object.values(await lab.statuses()))
      assert.equal(oldWay, 'closed', sentence)
    lab.mark()
    await lab.sides.ours.ask('oldWay', 'reopenOldWay')
    await lab.seen('reopened')
    await lab.seen('logged in')
  },
}
