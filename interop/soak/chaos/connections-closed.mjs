/** Every connection ends, node by node. */
import { cutWhileLoggingIn } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'all connections closed',
  about: 'A proxy closes all connections to one node after another. It accepts new ones at once.',
  undo: 'Nothing: the clients connect again.',
  touches: ['network'],
  explains: { back: { channel: 'exchange', outcome: ['success'], each: 'node' } },
  allows: [cutWhileLoggingIn],
  controlMayFail: /^NoHostAvailableError/,
  async run(lab, random) {
    for (const node of random.shuffled([0, 1, 2])) {
      await lab.cut({ node, keep: 0 })
      await lab.healed()
    }
    await lab.seen('back')
  },
}
