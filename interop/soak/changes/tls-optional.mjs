/** A node without TLS starts to accept TLS too. */
import assert from 'node:assert/strict'
import { nodeInTrouble, whatARestartCosts } from '../lib/patterns.mjs'

/** @type {import('../declaration.mjs').Pattern} */
const plain = { channel: 'exchange', user: 'plain', node: 'chosen', outcome: ['success'] }

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'no TLS, and then optional TLS',
  about:
    'A client without TLS comes, next to those with TLS. One node goes to `enabled: false` by a restart, and only that client logs in to it; then the node goes to `optional: true`, and all log in.',
  undo: 'The step to `optional: true`, which all nodes have; then the client without TLS ends.',
  touches: ['nodes', 'certificates'],
  explains: {
    'only without TLS': plain,
    'still without TLS': plain,
    'with TLS': { channel: 'exchange', node: 'chosen', outcome: ['success'], each: 'user' },
  },
  allows: nodeInTrouble,
  controlMayFail: whatARestartCosts,
  async run(lab, random) {
    const { index } = lab.choose(random)
    const before = lab.tlsOf(index)
    await lab.withoutTls(true)
    await lab.healed()
    lab.mark()
    await lab.setTls(index, { enabled: false, optional: false })
    await lab.seen('only without TLS')
    await assert.rejects(lab.certificateOf(index))
    lab.mark()
    await lab.setTls(index, before)
    await lab.seen('still without TLS')
    await lab.seen('with TLS')
    await lab.healed()
    await lab.withoutTls(false)
  },
}
