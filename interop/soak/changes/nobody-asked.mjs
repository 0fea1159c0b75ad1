/** A node asks for no login for a while. */
import { nodeInTrouble, whatARestartCosts } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'AllowAllAuthenticator, and back',
  about:
    'One node goes to AllowAllAuthenticator by a restart, and `migrate` counts it as a node that does not ask for a login. Then it goes back to its authenticator.',
  undo: 'The way back, which is part of the change.',
  touches: ['nodes'],
  explains: {
    'logged in again': { channel: 'exchange', node: 'chosen', outcome: ['success'], each: 'user' },
  },
  allows: nodeInTrouble,
  controlMayFail: whatARestartCosts,
  async run(lab, random) {
    const { index } = lab.chooseNode(lab.spare(random))
    const before = lab.asks[index] ?? 'password'
    await lab.ask(index, 'nobody')
    await lab.healed()
    await lab.until(
      async () => Object.values(await lab.statuses()).every(({ counts }) => counts['asks-nobody'] === 1),
      () => 'migrate does not count the node as one that asks nobody',
    )
    lab.mark()
    await lab.ask(index, before)
    await lab.seen('logged in again')
  },
}
