/** A node ends without a warning. */
import { nodeInTrouble, whatARestartCosts } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'a node killed',
  about: 'A node gets SIGKILL, and starts again with its data.',
  undo: 'The start.',
  touches: ['nodes'],
  explains: { back: { channel: 'exchange', node: 'chosen', outcome: ['success'], each: 'user' } },
  allows: nodeInTrouble,
  controlMayFail: whatARestartCosts,
  async run(lab, random) {
    const { node } = lab.choose(random)
    await node.stop()
    await node.start()
    await lab.seen('back')
  },
}
