/** A node changes its version of TLS. */
import assert from 'node:assert/strict'
import { nodeInTrouble, whatARestartCosts } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'TLS 1.2 and 1.3',
  about:
    'One node goes from only TLS 1.3 to only TLS 1.2, or back, by a restart. The profile allows both, and agrees on the version with each node.',
  undo: 'The next time that the node is chosen: the versions take turns.',
  touches: ['nodes'],
  explains: { 'logged in': { channel: 'exchange', node: 'chosen', outcome: ['success'], each: 'user' } },
  allows: nodeInTrouble,
  controlMayFail: whatARestartCosts,
  async run(lab, random) {
    const { index } = lab.choose(random)
    const version = (await lab.certificateOf(index)).protocol === 'TLSv1.3' ? 'TLSv1.2' : 'TLSv1.3'
    await lab.setTls(index, { accepted_protocols: [version] })
    await lab.seen('logged in')
    assert.equal((await lab.certificateOf(index)).protocol, version)
  },
}
