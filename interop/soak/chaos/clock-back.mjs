/** The clock of the clients jumps back by an hour. */
import { cutWhileLoggingIn } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'the clock an hour behind',
  about:
    'The clock of the clients jumps back by an hour (libfaketime; timers go on), they log in to every node, and it jumps to what is right.',
  undo: 'The jump to what is right, and logins again.',
  explains: {
    'logged in meanwhile': { channel: 'exchange', outcome: ['success'], each: 'node' },
    'logged in afterwards': { channel: 'exchange', outcome: ['success'], each: 'node' },
  },
  allows: [cutWhileLoggingIn],
  controlMayFail: null,
  async run(lab) {
    for (const [seconds, name] of /** @type {const} */ ([
      [-3_600, 'logged in meanwhile'],
      [0, 'logged in afterwards'],
    ])) {
      await lab.clock(seconds)
      lab.mark()
      await lab.cut()
      await lab.seen(name)
      await lab.healed()
    }
  },
}
