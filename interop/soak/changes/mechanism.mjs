/** Nodes change their mechanism. */
import { cutWhileLoggingIn } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'another mechanism',
  about:
    'Nodes that ask for SCRAM go from SCRAM-SHA-256 to SCRAM-SHA-512, or back, without a restart. At least one node asks for SCRAM at any time.',
  undo: 'The next time: the two take turns.',
  touches: ['mechanism'],
  explains: {
    'SCRAM-SHA-256': {
      channel: 'exchange',
      node: 'chosen',
      outcome: ['success'],
      mechanism: /^SCRAM-SHA-256$/,
    },
    'SCRAM-SHA-512': {
      channel: 'exchange',
      node: 'chosen',
      outcome: ['success'],
      mechanism: /^SCRAM-SHA-512$/,
    },
  },
  allows: [cutWhileLoggingIn],
  controlMayFail: null,
  async run(lab) {
    const { index } = lab.chooseNode(lab.asks.indexOf('scram'))
    const numbers =
      lab.accounts.mechanism === 256 ? /** @type {const} */ ([256, 512]) : /** @type {const} */ ([512, 256])
    for (const number of numbers) {
      lab.accounts.offer(number)
      lab.mark()
      await lab.cut({ node: index })
      await lab.seen(`SCRAM-SHA-${number}`)
      await lab.healed()
    }
  },
}
