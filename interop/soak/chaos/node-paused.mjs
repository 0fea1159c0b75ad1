/** A node is paused. */
import { setTimeout as delay } from 'node:timers/promises'
import { nodeInTrouble } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'a node paused',
  about:
    'A node gets SIGSTOP: its connections stay open, and it answers nothing for three to fourteen seconds, while clients try new logins. Then it gets SIGCONT.',
  undo: 'SIGCONT.',
  touches: ['nodes'],
  explains: { back: { channel: 'exchange', node: 'chosen', outcome: ['success'], each: 'user' } },
  allows: nodeInTrouble,
  controlMayFail: /^(?:OperationTimedOutError|NoHostAvailableError)/,
  async run(lab, random) {
    const { node, index } = lab.choose(random)
    node.pause()
    try {
      await lab.cut({ node: index })
      // The pause has this length, whatever happens during it.
      await delay(3_000 + random.below(11_000))
    } finally {
      node.resume()
    }
    await lab.seen('back')
  },
}
