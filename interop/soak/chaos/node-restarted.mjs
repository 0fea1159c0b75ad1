/** A node is restarted by its operator. */
import { nodeInTrouble, whatARestartCosts } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'a node restarted',
  about: 'An orderly end of a node, which tells its peers and its clients, and a boot on its data.',
  undo: 'The boot.',
  touches: ['nodes'],
  explains: { back: { channel: 'exchange', node: 'chosen', outcome: ['success'], each: 'user' } },
  allows: nodeInTrouble,
  controlMayFail: whatARestartCosts,
  async run(lab, random) {
    const { node } = lab.choose(random)
    await node.restart()
    await lab.seen('back')
  },
}
