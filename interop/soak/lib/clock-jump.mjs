/** The common part of the jumps of the clients' clock: only the direction differs. */
import { cutWhileLoggingIn } from './patterns.mjs'

/**
 * @param {{ seconds: number, title: string, about: string }} jump `seconds`: the difference from the right time
 * @returns {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>}
 */
export function clockJump({ seconds, title, about }) {
  return {
    title,
    about,
    undo: 'The jump back to the right time, and logins again.',
    touches: ['clock'],
    explains: {
      'logged in meanwhile': { channel: 'exchange', outcome: ['success'], each: 'node' },
      'logged in afterwards': { channel: 'exchange', outcome: ['success'], each: 'node' },
    },
    allows: [cutWhileLoggingIn],
    controlMayFail: null,
    async run(lab) {
      for (const [away, name] of /** @type {const} */ ([
        [seconds, 'logged in meanwhile'],
        [0, 'logged in afterwards'],
      ])) {
        await lab.clock(away)
        lab.mark()
        await lab.cut()
        await lab.seen(name)
        await lab.healed()
      }
    },
  }
}
