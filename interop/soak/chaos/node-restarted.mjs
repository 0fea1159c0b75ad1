/** A node is restarted by its operator. */
import { nodeInTrouble, whatARestartCosts } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'a node restarted',
  about: 'A node ends in order, and tells its peers and its clients. It starts again with its data.',
  undo: 'The start.',
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
