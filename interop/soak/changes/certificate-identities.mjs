/** A node identifies clients by their certificates. */
import { nodeInTrouble, whatARestartCosts } from '../lib/patterns.mjs'

/** @type {import('../declaration.mjs').Pattern} */
const loggedIn = { channel: 'exchange', node: 'chosen', outcome: ['success'], each: 'user' }

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'certificate identities, and back',
  about:
    'One node goes to MutualTlsWithPasswordFallbackAuthenticator or to MutualTlsAuthenticator by a restart, and clients log in with their certificates. Then it goes back to its authenticator.',
  undo: 'The way back, which is part of the change.',
  touches: ['nodes', 'certificates'],
  explains: { 'by certificate': { ...loggedIn, mechanism: /^EXTERNAL$/ }, 'as before': loggedIn },
  allows: nodeInTrouble,
  controlMayFail: whatARestartCosts,
  async run(lab, random) {
    const { index } = lab.chooseNode(lab.spare(random))
    const before = lab.asks[index] ?? 'password'
    const way = random.below(2) === 0 ? 'certificate or password' : 'certificate'
    for (const [next, name] of /** @type {const} */ ([
      [way, 'by certificate'],
      [before, 'as before'],
    ])) {
      lab.mark()
      await lab.ask(index, next)
      await lab.seen(name)
      await lab.healed()
    }
  },
}
